//! What an answer must say.

use super::{super::Fault, maker::*};
use crate::saml::Refused;

#[test]
fn an_answer_says_who_and_how() {
    let way = Way::default();
    let variants = [
        signed(GOOD, "_assertion", &PROVIDER, &way),
        signed(GOOD, "_response", &PROVIDER, &way),
        signed(&signed(GOOD, "_assertion", &PROVIDER, &way), "_response", &PROVIDER, &way),
    ];
    for document in variants {
        let answer = bring(&document).unwrap();
        // Until five past, and two minutes for clocks.
        assert_eq!(answer.until(), at("2026-11-22T12:07:00Z"));
        let person = answer.first(true).unwrap();
        assert_eq!(person.subject, "ada");
        assert_eq!(person.session.as_deref(), Some("s1"));
        assert_eq!(person.contexts, ["urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"]);
        assert_eq!(person.proven, at("2026-11-22T11:59:50Z"));
        assert_eq!(person.until, None);
        assert_eq!(person.values("mail").collect::<Vec<_>>(), ["ada@example.com"]);
        assert_eq!(person.values("groups").collect::<Vec<_>>(), ["makers", "R&D"]);
    }
}

#[test]
fn an_answer_is_good_once() {
    let way = Way::default();
    let document = signed(GOOD, "_assertion", &PROVIDER, &way);
    let (first, again) = (bring(&document).unwrap(), bring(&document).unwrap());
    assert_eq!(first.id(), again.id());
    assert_eq!(again.first(false), Err(Refused::Replay));
    // The same assertion in another response is the same assertion.
    let moved = document.replace("ID=\"_response\"", "ID=\"_elsewhere\"");
    assert_eq!(bring(&moved).unwrap().id(), first.id());
    let other = signed(&GOOD.replace("_assertion", "_other"), "_other", &PROVIDER, &way);
    assert_ne!(bring(&other).unwrap().id(), first.id());
}

/// What is changed before the provider signs: it says so itself, and is refused all the same.
#[test]
fn an_answer_is_for_this_question_here_and_now() {
    let check = |from: &str, to: &str, expect: Result<&str, Refused>| {
        assert!(GOOD.contains(from), "{from}");
        let changed = GOOD.replace(from, to);
        let way = Way::default();
        for id in ["_assertion", "_response"] {
            if changed.contains(&format!("ID=\"{id}\"")) {
                let found = subject(&signed(&changed, id, &PROVIDER, &way));
                assert_eq!(found, expect.map(str::to_owned), "{from} -> {to}, {id}");
            }
        }
    };
    let bearer = "Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"";
    let condition = "<saml:AudienceRestriction><saml:Audience>https://apps.example/saml/metadata</saml:Audience>\
                     </saml:AudienceRestriction>";
    let name =
        "<saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">ada</saml:NameID>";
    let statement = "AuthnInstant=\"2026-11-22T11:59:50Z\"";

    // Whose it is.
    check("https://login.example/idp", "https://evil.example/idp", Err(Refused::Issuer));
    check("https://login.example/idp", "https://login.example/idp/", Err(Refused::Issuer));
    check("<saml:Issuer>https", "<saml:Issuer Format=\"urn:x\">https", Err(Refused::Issuer));
    check("<saml:Issuer>https", "<saml:Issuer> https", Ok("ada"));

    // Where to, and what it answers.
    check("Destination=\"https://apps.example/saml/answer\"", "", Err(Refused::Destination));
    check(
        "Destination=\"https://apps.example",
        "Destination=\"https://other.example",
        Err(Refused::Destination),
    );
    check("Recipient=\"https://apps.example/saml/answer\"", "", Err(Refused::Recipient));
    check("Recipient=\"https://apps.example", "Recipient=\"https://other.example", Err(Refused::Recipient));
    check(" InResponseTo=\"_0a1b2c\"><saml:Issuer>", "><saml:Issuer>", Err(Refused::Unasked));
    check(" InResponseTo=\"_0a1b2c\" NotOnOrAfter", " NotOnOrAfter", Err(Refused::Unasked));
    check("_0a1b2c", "_0a1b2d", Err(Refused::Unasked));
    check("status:Success", "status:Responder", Err(Refused::Status));
    check(
        "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>",
        "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Requester\"><samlp:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:StatusCode>",
        Err(Refused::Status),
    );

    // Whom it is for.
    check("metadata</saml:Audience>", "metadata2</saml:Audience>", Err(Refused::Audience));
    check(condition, "", Err(Refused::Audience));
    check(condition, "<saml:AudienceRestriction></saml:AudienceRestriction>", Err(Refused::Audience));
    check(
        "<saml:Audience>",
        "<saml:Audience>https://other.example</saml:Audience><saml:Audience>",
        Ok("ada"),
    );
    check(
        "<saml:AudienceRestriction>",
        "<saml:AudienceRestriction><saml:Audience>x:y</saml:Audience></saml:AudienceRestriction>\
         <saml:AudienceRestriction>",
        Err(Refused::Audience),
    );
    check("<saml:AudienceRestriction>", "<saml:OneTimeUse/><saml:AudienceRestriction>", Ok("ada"));
    check("<saml:AudienceRestriction>", "<saml:Weather/><saml:AudienceRestriction>", Err(Refused::Condition));
    check("<saml:AudienceRestriction>", "<xs:Weather/><saml:AudienceRestriction>", Err(Refused::Condition));

    // When. It is noon, and clocks may be two minutes apart.
    check("NotBefore=\"2026-11-22T11:59:00Z\"", "NotBefore=\"2026-11-22T12:02:00Z\"", Ok("ada"));
    check("NotBefore=\"2026-11-22T11:59:00Z\"", "NotBefore=\"2026-11-22T12:02:01Z\"", Err(Refused::Time));
    check("NotOnOrAfter=\"2026-11-22T12:05:00Z\"", "NotOnOrAfter=\"2026-11-22T11:58:01Z\"", Ok("ada"));
    check(
        "NotOnOrAfter=\"2026-11-22T12:05:00Z\"",
        "NotOnOrAfter=\"2026-11-22T11:58:00Z\"",
        Err(Refused::Time),
    );
    check(" NotOnOrAfter=\"2026-11-22T12:05:00Z\"", "", Err(Refused::Time));
    check("2026-11-22T11:59:58Z", "2026-11-22T11:00:00Z", Err(Refused::Time));
    check("2026-11-22T11:59:58Z", "2026-11-22T12:02:01Z", Err(Refused::Time));
    check("2026-11-22T12:05:00Z", "2027-11-22T12:05:00Z", Ok("ada"));
    for odd in
        ["", "soon", "2026-11-22", "2026-11-22T12:05:00", "2026-11-22T12:05:00+01:00", "9999-12-31T23:59:59Z"]
    {
        check("2026-11-22T12:05:00Z", odd, Err(Refused::Time));
        check("2026-11-22T11:59:50Z", odd, Err(Refused::Time));
    }

    // Who brings it, and whom it is about.
    check(bearer, "Method=\"urn:oasis:names:tc:SAML:2.0:cm:holder-of-key\"", Err(Refused::Confirmation));
    check(bearer, "", Err(Refused::Confirmation));
    check("persistent\">ada<", "transient\">ada<", Err(Refused::Subject));
    check(">ada<", "><", Err(Refused::Subject));
    check(">ada<", "> ada\n<", Ok("ada"));
    check(">ada<", "><![CDATA[ada]]>.evil<", Ok("ada.evil"));
    check(">ada<", ">&#97;d&#x61;<", Ok("ada"));
    check(">ada<", ">a&#xA;da<", Err(Refused::Subject));
    check(">ada<", "><saml:b>ada</saml:b><", Err(Refused::Subject));
    check(name, "", Err(Refused::Subject));
    check(name, &name.repeat(2), Err(Refused::Shape));
    check(">ada<", &format!(">{}<", "a".repeat(2_000)), Err(Refused::Subject));
    check("<saml:NameID ", "<saml:NameID NameQualifier=\"https://login.example/idp\" ", Ok("ada"));
    check(
        "<saml:NameID ",
        "<saml:NameID NameQualifier=\"https://other.example/idp\" ",
        Err(Refused::Subject),
    );
    check("<saml:NameID ", "<saml:NameID SPNameQualifier=\"https://other.example\" ", Err(Refused::Subject));

    // How they proved it.
    check(statement, "AuthnInstant=\"2026-11-22T12:02:01Z\"", Err(Refused::Proof));
    check(statement, "", Err(Refused::Proof));
    check("SessionIndex=", "SessionNotOnOrAfter=\"2026-11-22T11:00:00Z\" SessionIndex=", Err(Refused::Time));

    // What it is.
    check("Version=\"2.0\" IssueInstant", "Version=\"1.1\" IssueInstant", Err(Refused::Shape));
    check("samlp:Response", "samlp:ArtifactResponse", Err(Refused::Shape));
    check("saml:AuthnStatement", "saml:AuthzDecisionStatement", Err(Refused::Proof));
    check("ID=\"_response\"", "ID=\"1\"", Err(Refused::Shape));
}

/// Asked to prove anew who they are, an old proof does not do.
#[test]
fn a_proof_can_be_asked_anew() {
    let document = signed(GOOD, "_assertion", &PROVIDER, &Way::default());
    let keys = [PROVIDER.key()];
    let check = |asked_at: &str, anew: bool, expect: Option<Refused>| {
        let expected = crate::saml::Expected { asked_at: at(asked_at), anew, ..expected(&keys) };
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &document);
        assert_eq!(crate::saml::accept(&encoded, &expected).err(), expect, "{asked_at} {anew}");
    };
    // They proved it ten seconds before noon.
    check("2026-11-22T11:59:00Z", true, None);
    check("2026-11-22T12:01:50Z", true, None);
    check("2026-11-22T12:01:51Z", true, Some(Refused::Proof));
    check("2026-11-22T12:01:51Z", false, None);
}

#[test]
fn nothing_encrypted_is_taken() {
    let xenc = "xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"";
    let check = |from: &str, to: &str| {
        let changed = GOOD.replace(from, to);
        assert_ne!(changed, GOOD);
        let found = subject(&signed(&changed, "_response", &PROVIDER, &Way::default()));
        assert_eq!(found, Err(Refused::Encrypted), "{to}");
    };
    let assertion = &GOOD[GOOD.find("<saml:Assertion").unwrap()..GOOD.find("</samlp:Response>").unwrap()];
    check(
        assertion,
        &format!("<saml:EncryptedAssertion><xenc:EncryptedData {xenc}/></saml:EncryptedAssertion>"),
    );
    check("<saml:Subject>", "<saml:EncryptedAssertion/><saml:Subject>");
    check("<saml:NameID ", "<saml:EncryptedID/><saml:NameID ");
    check(
        "<saml:Attribute Name=\"groups\">",
        &format!("<saml:Attribute Name=\"groups\"><xenc:EncryptedData {xenc}/>"),
    );
}

/// What is no XML that we read, whatever is signed in it.
#[test]
fn what_cannot_be_read_is_refused() {
    let good = signed(GOOD, "_assertion", &PROVIDER, &Way::default());
    assert_eq!(subject(&good).as_deref(), Ok("ada"));
    let check = |document: &str, fault: Fault| {
        assert_eq!(subject(document), Err(Refused::Form(fault)), "{}", &document[..document.len().min(200)]);
    };
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    // Comments in a name: taken by halves elsewhere, not at all here.
    check(&changed(">ada<", ">ada<!-- -->.evil<"), Fault::Aside);
    check(&changed(">ada<", ">ad<!---->a<"), Fault::Aside);
    check(&changed(">ada<", ">ada<?x y?><"), Fault::Aside);
    check(&changed("<saml:Subject>", "<saml:Subject><!-- -->"), Fault::Aside);
    check(&format!("{good}<!-- -->"), Fault::Aside);
    // Document types and entities.
    let typed = |kind: &str| changed("<samlp:Response", &format!("{kind}<samlp:Response"));
    check(&typed("<!DOCTYPE r>"), Fault::Entity);
    check(&typed("<!DOCTYPE r [<!ENTITY x \"ada\">]>").replace(">ada<", ">&x;<"), Fault::Entity);
    check(&typed("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"), Fault::Entity);
    check(&typed("<!DOCTYPE r [<!ATTLIST saml:Assertion x ID #IMPLIED>]>"), Fault::Entity);
    check(&typed("<!DOCTYPE r SYSTEM \"http://evil.example/x.dtd\">"), Fault::Entity);
    check(&changed(">ada<", ">&nbsp;<"), Fault::Entity);
    check(&changed(">ada<", ">&ada<"), Fault::Form);
    check(&changed("ID=\"_assertion\"", "ID=\"&x;\""), Fault::Entity);
    // An id twice, however it is called.
    check(&changed("<saml:Subject>", "<saml:Subject ID=\"_assertion\">"), Fault::TwiceId);
    check(&changed("<saml:Subject>", "<saml:Subject Id=\"_assertion\">"), Fault::TwiceId);
    check(&changed("<saml:Subject>", "<saml:Subject id=\"_response\">"), Fault::TwiceId);
    check(&changed("<saml:Subject>", "<saml:Subject xml:id=\"_assertion\">"), Fault::TwiceId);
    check(&changed("<saml:Subject>", "<saml:Subject AssertionID=\"_assertion\">"), Fault::TwiceId);
    // An attribute twice, by its own name or by what its prefix stands for.
    check(&changed("SessionIndex=", "SessionIndex=\"s2\" SessionIndex="), Fault::Form);
    check(
        &changed("<saml:Subject>", "<saml:Subject xmlns:a=\"u:x\" xmlns:b=\"u:x\" a:c=\"1\" b:c=\"2\">"),
        Fault::Form,
    );
    // Cut off, and what no text has.
    for at in (0..good.len()).step_by(97) {
        assert!(subject(&good[..at]).is_err(), "{at}");
    }
    check(&changed(">ada<", ">a\u{1}da<"), Fault::Form);
    check(&changed(">ada<", ">a&#1;da<"), Fault::Form);
    check(&changed(">ada<", ">a]]>da<"), Fault::Form);
    check(&changed(">ada<", ">a&#xD800;da<"), Fault::Form);
    check(&changed("encoding=\"UTF-8\"", "encoding=\"UTF-7\""), Fault::Form);
    check(&changed("version=\"1.0\" encoding", "version=\"1.1\" encoding"), Fault::Form);
    check(&format!(" {good}"), Fault::Form);
    check(&format!("{good}<x/>"), Fault::Form);
    check("", Fault::Form);
    check("{}", Fault::Form);
    // Too deep, too many, too long.
    let nested = format!("{}{}", "<x>".repeat(5_000), "</x>".repeat(5_000));
    check(&changed("<saml:Subject>", &format!("{nested}<saml:Subject>")), Fault::Large);
    check(&changed("<saml:Subject>", &format!("{}<saml:Subject>", "<x/>".repeat(20_000))), Fault::Large);
    let attributes: String = (0..65).fold(String::new(), |all, number| format!("{all} a{number}=\"\""));
    check(&changed("<saml:Subject>", &format!("<saml:Subject{attributes}>")), Fault::Large);
    let declared = |number: usize| {
        let own = |at: usize| format!(" xmlns:p{number}x{at}=\"u:x\"");
        format!("<x{}>", (0..60).fold(String::new(), |all, at| all + &own(at)))
    };
    let nested = (0..5).fold(String::new(), |all, number| all + &declared(number)) + &"</x>".repeat(5);
    check(&changed("<saml:Subject>", &format!("{nested}<saml:Subject>")), Fault::Large);
    let long = "u:".to_owned() + &"x".repeat(600);
    check(&changed("<saml:Subject>", &format!("<saml:Subject xmlns:x=\"{long}\">")), Fault::Large);
    check(&changed(">ada<", &format!(">{}<", "a".repeat(600 << 10))), Fault::Large);

    let encoded = |text: &str| crate::saml::accept(text, &expected(&[PROVIDER.key()])).err();
    assert_eq!(encoded("%%%"), Some(Refused::Form(Fault::Form)));
    assert_eq!(encoded("/////w=="), Some(Refused::Form(Fault::Form)));
    assert_eq!(encoded(&"A".repeat(2 << 20)), Some(Refused::Form(Fault::Form)));
}
