//! What people read when a provider's metadata is of no use.

use gridkeep_identity::saml::{BadKey, BadProvider};

pub(super) const fn english(why: BadProvider) -> &'static str {
    match why {
        BadProvider::Form(_) => {
            "This is no XML file that can be read. Upload the metadata file as your identity provider gives it."
        }
        BadProvider::Kind => {
            "This file does not describe one SAML 2.0 identity provider. Files of whole federations are not taken."
        }
        BadProvider::Old => "This metadata is past its date. Ask your identity provider for a new file.",
        BadProvider::Place => {
            "The identity provider names no sign-in address for HTTP-Redirect that begins with https://."
        }
        BadProvider::Keys => "The file holds no certificate for signatures, or more than eight.",
        BadProvider::Key(BadKey::Form) => "A certificate in the file cannot be read.",
        BadProvider::Key(BadKey::Kind) => {
            "The certificate's key is not accepted: it has to be RSA with at least 2,048 bits, P-256 or P-384."
        }
    }
}

pub(super) const fn german(why: BadProvider) -> &'static str {
    match why {
        BadProvider::Form(_) => {
            "Das ist keine lesbare XML-Datei. Laden Sie die Metadaten so hoch, wie Ihr Identitätsanbieter sie ausgibt."
        }
        BadProvider::Kind => {
            "Diese Datei beschreibt nicht genau einen SAML-2.0-Identitätsanbieter. Dateien ganzer Föderationen werden nicht angenommen."
        }
        BadProvider::Old => {
            "Diese Metadaten sind abgelaufen. Fragen Sie Ihren Identitätsanbieter nach einer neuen Datei."
        }
        BadProvider::Place => {
            "Der Identitätsanbieter nennt keine Anmeldeadresse für HTTP-Redirect, die mit https:// beginnt."
        }
        BadProvider::Keys => "Die Datei enthält kein Zertifikat für Signaturen oder mehr als acht.",
        BadProvider::Key(BadKey::Form) => "Ein Zertifikat in der Datei ist nicht lesbar.",
        BadProvider::Key(BadKey::Kind) => {
            "Der Schlüssel des Zertifikats wird nicht angenommen: Nötig ist RSA mit mindestens 2.048 Bit, P-256 oder P-384."
        }
    }
}
