//! What those who rule over a tenant are told when nobody can change its gates any more.

use gridkeep_store::{Account, Control, TenantRole};

use super::letter::{Letter, Part};
use crate::{error::ApiError, site::Site, tenancy::Tenants, tenant_name::called};

/// Writes it to somebody about the workspaces of theirs of which that is so still; `None` where it is of none.
pub(super) async fn write(
    (control, tenants, site): (&Control, &Tenants, &Site),
    account: &Account,
    unlinked: impl Fn(&str) -> String,
) -> Result<Option<Letter>, ApiError> {
    let mut places = Vec::new();
    for own in control.memberships(account.id).await? {
        if own.role < TenantRole::Administrator {
            continue;
        }
        let Some(tenancy) = tenants.get(own.tenant).await? else { continue };
        if tenancy.read(|reader| Ok(reader.gates_unmet()?)).await?.is_some() {
            let at = site.at(tenancy.place());
            let title = control.tenant(own.tenant).await?.and_then(called);
            // A server's first workspace that nobody has named is called as people type the server's address.
            let host = || at.link("").split_once("://").map(|(_, host)| host.to_owned()).unwrap_or_default();
            let title = title.map_or_else(host, |title| unlinked(&title));
            places.push((title, at.page("/checkpoints"), own.name));
        }
    }
    Ok((!places.is_empty()).then(|| letter(&unlinked(&account.name), &places)))
}

/// In both languages: nobody asked for it in one. Each workspace has its title, its page and its name for whoever runs the server.
fn letter(name: &str, places: &[(String, String, String)]) -> Letter {
    let mut parts = vec![Part::Text(format!("Hello {name},"))];
    let said = |language: [&str; 3]| {
        let [says, does, opens] = language;
        let one = |(title, page, name): &(String, String, String)| {
            [
                Part::Text(says.replace("TITLE", title)),
                Part::Text(does.replace("NAME", name)),
                Part::Link(opens.replace("TITLE", title), page.clone()),
            ]
        };
        places.iter().flat_map(one).collect::<Vec<_>>()
    };
    parts.extend(said([
        "nobody can change the security checkpoints of “TITLE” at present: the checkpoint CHECKPOINT_CONFIG asks for something that no \
         administrator has any more, or for a second administrator who is not there.",
        "The page of checkpoints says what is lacking. An administrator may be able to set it up in their account; otherwise whoever \
         runs the server stops it and runs: gridkeep checkpoints off --tenant NAME",
        "Checkpoints of “TITLE”",
    ]));
    parts.push(Part::Text(format!("Guten Tag {name},")));
    parts.extend(said([
        "die Sicherheitsprüfungen von „TITLE“ kann derzeit niemand ändern: Die Prüfung CHECKPOINT_CONFIG verlangt etwas, das niemand in der \
         Verwaltung mehr hat, oder eine zweite Person in der Verwaltung, die es nicht gibt.",
        "Die Seite der Prüfungen sagt, was fehlt. Vielleicht kann es jemand in der Verwaltung im eigenen Konto einrichten; sonst hält an, \
         wer den Server betreibt, und führt aus: gridkeep checkpoints off --tenant NAME",
        "Prüfungen von „TITLE“",
    ]));
    let subject = "Nobody can change security checkpoints · Niemand kann Sicherheitsprüfungen ändern";
    Letter { subject: subject.to_owned(), parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_is_lacking_and_what_to_do_in_both_languages() {
        let place = |title: &str, name: &str| {
            (title.to_owned(), format!("https://apps.example/t/{name}/checkpoints"), name.to_owned())
        };
        let letter = letter("Ada", &[place("Acme", "acme"), place("Store", "store")]);
        insta::assert_snapshot!(format!("# {}\n\n{}", letter.subject, letter.text()));
    }
}
