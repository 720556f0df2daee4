//! What is read out of lists, and what is said to be wrong with them.

use super::*;

fn known() -> Known {
    let groups = [(1, "North"), (2, "Süd")]
        .map(|(id, name)| (GroupId::from_uuid(uuid::Uuid::from_u128(id)), name.to_owned()));
    Known {
        there: vec!["ann@example.com".to_owned()],
        invited: vec!["ben@example.com".to_owned(), "jörg@example.com".to_owned()],
        place: Place::Tenant {
            groups: groups.into(),
            most: TenantRole::Administrator,
            role: TenantRole::Member,
        },
    }
}

/// What a list says, one line a person or problem.
fn told(bytes: &[u8]) -> Vec<String> {
    let Guests { good, problems } = read(bytes, &known());
    let good = good.into_iter().map(|Line { number: line, guest, .. }| {
        let groups: Vec<u128> = guest.groups.iter().map(|id| id.uuid().as_u128()).collect();
        (line, format!("{line} {} {:?} {} {groups:?}", guest.address, guest.name, guest.role.word()))
    });
    let problems = problems.into_iter().map(|own| {
        let other = own.other.map(|other| format!(" ({other})")).unwrap_or_default();
        (own.line, format!("{} {} {:?}{other}", own.line, own.wrong.word(), own.text))
    });
    let mut all: Vec<_> = good.chain(problems).collect();
    all.sort();
    all.into_iter().map(|(_, told)| told).collect()
}

#[test]
fn lists_are_read_as_they_come() {
    let check = |text: &str, expect: &[&str]| assert_eq!(told(text.as_bytes()), expect, "{text}");
    check("cy@example.com", &["1 cy@example.com \"\" member []"]);
    check("", &[]);
    check(
        "cy@example.com\ndee@example.com\n",
        &["1 cy@example.com \"\" member []", "2 dee@example.com \"\" member []"],
    );
    check(
        "E-Mail;Name;Rolle;Gruppen\r\ncy@example.com;Cy Ö;Gast;North, süd\r\n",
        &["2 cy@example.com \"Cy Ö\" guest [1, 2]"],
    );
    check(
        "Email\tFirst name\tLast name\tGroups\ncy@example.com\tCy\tFox\tSüd\n",
        &["2 cy@example.com \"Cy Fox\" member [2]"],
    );
    check(
        "Nachname,Vorname,E-Mail-Adresse\nFox,Cy,cy@example.com\n",
        &["2 cy@example.com \"Cy Fox\" member []"],
    );
    // Blank lines and lines within quotation marks count.
    check(
        "\n\ncy@example.com,\"Cy\"\n\n\"dee@example.com\",Dee,admin\n",
        &["3 cy@example.com \"Cy\" member []", "5 dee@example.com \"Dee\" administrator []"],
    );
    check("\u{feff}email,name\ncy@example.com,Cy\n", &["2 cy@example.com \"Cy\" member []"]);
    assert_eq!(
        told(b"Adresse;Name\ncy@example.com;J\xf6rg \x96 Cy\n"),
        ["2 cy@example.com \"Jörg – Cy\" member []"]
    );
    let wide: Vec<u8> =
        "\u{feff}email;name\ncy@example.com;Cy\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(&wide), ["2 cy@example.com \"Cy\" member []"]);
}

#[test]
fn problems_name_their_line() {
    let list = "email;name;role;groups\n\
        cy;Cy\n\
        ann@example.com\n\
        BEN@example.com\n\
        cy@example.com;Cy\n\
        Cy@Example.com;Cy again\n\
        dee@example.com;Dee;boss\n\
        dee@example.com;Dee;Inhaber\n\
        dee@example.com;Dee;member;East\n\
        jоrg@example.com\n\
        ϳörg@example.com\n\
        fay@example.com;\"F\nay\"\n\
        gil@example.com;Gil;maker;North|Süd\n";
    assert_eq!(
        told(list.as_bytes()),
        [
            "2 address \"cy\"",
            "3 member \"ann@example.com\"",
            "4 invited \"BEN@example.com\"",
            "5 cy@example.com \"Cy\" member []",
            "6 duplicate \"Cy@Example.com\" (5)",
            "7 role \"boss\"",
            "8 roleTooHigh \"Inhaber\"",
            "9 group \"East\"",
            // A Cyrillic о among Latin letters.
            "10 address \"jоrg@example.com\"",
            "11 address \"ϳörg@example.com\"",
            "12 name \"Fay\"",
            "14 gil@example.com \"Gil\" maker [1, 2]",
        ]
    );
    // Wholly Cyrillic, and yet like a member's.
    let known = Known { there: vec!["сосо@example.com".to_owned()], ..known() };
    let found = read("coco@example.com\n".as_bytes(), &known);
    assert_eq!(
        found.problems,
        [problem(1, Wrong::Twin, "coco@example.com", Some("сосо@example.com".into()))]
    );
}

#[test]
fn lists_into_an_app_say_what_is_given_there() {
    let known = |room| Known {
        there: vec!["ann@example.com".to_owned()],
        invited: vec!["ben@example.com".to_owned()],
        place: Place::App { room },
    };
    let check = |text: &str, room, expect: &[&str]| {
        let Guests { good, problems } = read(text.as_bytes(), &known(room));
        let good = good.into_iter().map(|Line { number, guest, level }| {
            assert_eq!((guest.role, guest.groups.len()), (TenantRole::Guest, 0));
            let language = guest.language.map(Language::tag);
            (number, format!("{number} {} {:?} {level:?} {language:?}", guest.address, guest.name))
        });
        let problems = problems.into_iter().map(|own| {
            (own.line, format!("{} {} {:?} {:?}", own.line, own.wrong.word(), own.text, own.other))
        });
        let mut all: Vec<_> = good.chain(problems).collect();
        all.sort();
        assert_eq!(all.into_iter().map(|(_, told)| told).collect::<Vec<_>>(), expect, "{text}");
    };
    check(
        "cy@example.com\ndee@example.com,view\neve@example.com,Bearbeiten,de-AT\nfay@example.com,,English\n",
        9,
        &[
            "1 cy@example.com \"\" None None",
            "2 dee@example.com \"\" Some(View) None",
            "3 eve@example.com \"\" Some(Edit) Some(\"de\")",
            "4 fay@example.com \"\" None Some(\"en\")",
        ],
    );
    check(
        "E-Mail;Name;Rolle;Sprache\ncy@example.com;Cy Ö;einreichen;\ndee@example.com;;verwalten;Deutsch\n",
        9,
        &[
            "2 cy@example.com \"Cy Ö\" Some(Submit) None",
            "3 dee@example.com \"\" Some(Administer) Some(\"de\")",
        ],
    );
    check(
        "cy\nann@example.com\nBEN@example.com,edit\ncy@example.com,owner\ncy@example.com,edit,fr\ncy@example.com\ncy@example.com,view\ndee@example.com\neve@example.com\n",
        2,
        &[
            "1 address \"cy\" None",
            "2 named \"ann@example.com\" None",
            "3 invited \"BEN@example.com\" None",
            "4 level \"owner\" None",
            "5 language \"fr\" None",
            "6 cy@example.com \"\" None None",
            "7 duplicate \"cy@example.com\" Some(\"6\")",
            "8 dee@example.com \"\" None None",
            "9 full \"eve@example.com\" Some(\"1000\")",
        ],
    );
    let many: Vec<String> = (0..MOST_PEOPLE + 2).map(|number| format!("p{number}@example.com")).collect();
    let found = read(many.join("\n").as_bytes(), &known(MOST_PEOPLE));
    assert_eq!((found.good.len(), found.problems[0].wrong), (MOST_PEOPLE, Wrong::TooMany));
}

#[test]
fn long_lists_end_somewhere() {
    let list: Vec<String> = (0..MOST + 5).map(|number| format!("p{number}@example.com")).collect();
    let list = list.join("\n");
    let found = read(list.as_bytes(), &known());
    assert_eq!((found.good.len(), found.problems.len()), (MOST, 1));
    assert_eq!((found.problems[0].line, found.problems[0].wrong), (MOST as u64 + 1, Wrong::TooMany));
    // Nothing but quotation marks, and one that never ends.
    assert!(read(&vec![b'"'; 2 << 20], &known()).good.is_empty());
    let open = format!("\"{}", "x\n".repeat(1 << 20));
    assert_eq!(read(open.as_bytes(), &known()).problems.len(), 1);
}
