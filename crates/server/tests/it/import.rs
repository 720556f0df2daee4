//! `gridkeep import-accounts`: people come with their passwords, or the line says why not.

use serde_json::json;

use crate::{
    kit::{PASSWORD, Wishes, World, databases, email},
    program::import,
};

/// `PASSWORD` as Django keeps it.
const HASH: &str = "pbkdf2_sha256$600000$saltsalt$6D8i3mWpDvn1bnBr8MMhDK+ZDrrpW8aJelSXYdVThi8=";

#[tokio::test(flavor = "multi_thread")]
async fn people_are_taken_over_with_their_passwords() {
    let (databases, _server) = databases();
    for database in databases {
        let wishes = || Wishes { database: database.clone(), ..Wishes::default() };
        let world = World::with(wishes()).await;
        let folder = world.data.clone();
        let (data, file) = (folder.path().join("data"), folder.path().join("people.csv"));
        let nobody = world.end().await;
        let people = format!(
            "email,name,password,role\n\
             Ben@Example.com,Ben,{HASH},maker\n\
             ada@example.com,Somebody else,{HASH},\n\
             cy@example.com,Cy,pbkdf2_sha256$29000$saltsalt$6D8i3mWpDvn1bnBr8MMhDK+ZDrrpW8aJelSXYdVThi8=,\n\
             dan@example.com,Dan,{HASH},owner\n\
             no address,Eve,{HASH},member\n\
             \"fay@example.com\",\"Fay, née Grün\",{HASH}\n\
             gus@example.com,Gus,{HASH},member\n"
        );
        std::fs::write(&file, people).unwrap();
        let path = file.to_str().unwrap();
        let said = import(&data, database.as_deref(), &[path]);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains("make the first account in the browser"), "{said:?}");

        let world = World::over(nobody, wishes()).await;
        world.person("Ada").await;
        let folder = world.end().await;
        let said = import(&data, database.as_deref(), &[path]);
        assert_eq!((said.code, said.out.contains("600000")), (Some(1), false), "{said:?}");
        insta::allow_duplicates! { insta::assert_snapshot!("import", said.out); }
        let missing = import(&data, database.as_deref(), &["/nowhere/people.csv"]);
        assert!(
            missing.code == Some(1) && missing.err.contains("cannot read /nowhere/people.csv"),
            "{missing:?}"
        );

        let world = World::over(folder, wishes()).await;
        let check = async |name: &str, expect: u16| {
            let sign_in = json!({"email": email(name), "password": PASSWORD});
            world.browser().post("/api/session", sign_in).await.expect(expect)
        };
        let ben = check("Ben", 200).await.json();
        assert_eq!((&ben["account"]["confirmed"], &ben["account"]["role"]), (&json!(true), &json!("maker")));
        assert_eq!(check("Gus", 200).await.json()["account"]["role"], json!("member"));
        for name in ["Cy", "Dan", "Eve", "Fay"] {
            check(name, 401).await;
        }
        // The hash is renewed at the first sign-in.
        let kept = world.state.logins.password_hash(&email("Ben").parse().unwrap()).await.unwrap();
        assert!(kept.unwrap().starts_with("$argon2id$"));
    }
}
