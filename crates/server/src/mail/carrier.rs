//! Who carries mails away: an SMTP server, or, where none is named, nobody: they are written to a folder and read here.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use axum::http::Uri;
use gridkeep_model::MailId;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::AddressError,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        client::{Certificate, Tls, TlsParameters},
        response::Category,
    },
};
use secrecy::{ExposeSecret, SecretString};

use super::letter::Letter;

/// How long a server may take for a mail.
const PATIENCE: Duration = Duration::from_secs(30);

/// Carries mails.
pub struct Carrier {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// What the operator wrote cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// No address to send from.
    #[error("--mail-from is no address such as “Gridkeep <gridkeep@example.com>”: {0}")]
    From(AddressError),
    /// No SMTP server's address.
    #[error("--smtp is no address such as smtps://user:password@mail.example.com")]
    Smtp,
    /// The connection would not be encrypted.
    #[error(
        "--smtp asks for a connection without TLS to another machine; use smtps:// or smtp://..?tls=required"
    )]
    Plain,
    /// No certificate of an authority.
    #[error("--smtp-ca is no certificate in PEM: {0}")]
    Ca(lettre::transport::smtp::Error),
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carried {
    /// The server took it.
    Sent,
    /// It was written to the folder.
    Kept,
    /// The server refused it for good: what it said.
    Refused(String),
    /// It may go better later: what went wrong.
    Later(String),
}

impl Carrier {
    /// By an SMTP server (`smtp://` or `smtps://`, with user and password where it wants them); mails without TLS go to this
    /// machine only. Its certificate is one that the system trusts, or one that `ca` (PEM) has signed.
    pub fn smtp(url: &SecretString, from: &str, ca: Option<&[u8]>) -> Result<Self, CarrierError> {
        let text = url.expose_secret();
        let uri: Uri = text.parse().map_err(|_| CarrierError::Smtp)?;
        let host = uri.host().ok_or(CarrierError::Smtp)?;
        let asked = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("tls="));
        let security = match (uri.scheme_str(), asked) {
            (Some("smtps"), _) => Some(Tls::Wrapper as fn(TlsParameters) -> Tls),
            (Some("smtp"), Some("required")) => Some(Tls::Required as fn(TlsParameters) -> Tls),
            // Nobody else reads what stays on this machine. Encrypted if it can be is not encrypted: whoever is in between says it
            // cannot.
            (Some("smtp"), None) if ["localhost", "127.0.0.1", "[::1]"].contains(&host) => None,
            (Some("smtp"), _) => return Err(CarrierError::Plain),
            _ => return Err(CarrierError::Smtp),
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(text).map_err(|_| CarrierError::Smtp)?;
        if let Some(security) = security {
            let mut trusted = TlsParameters::builder(host.trim_matches(['[', ']']).to_owned());
            if let Some(ca) = ca {
                trusted = trusted.add_root_certificate(Certificate::from_pem(ca).map_err(CarrierError::Ca)?);
            }
            builder = builder.tls(security(trusted.build_rustls().map_err(CarrierError::Ca)?));
        }
        let way = Way::Smtp(builder.timeout(Some(PATIENCE)).build());
        Ok(Self { from: from.parse().map_err(CarrierError::From)?, way })
    }

    /// To a folder, a file a mail.
    pub fn folder(folder: PathBuf, from: &str) -> Result<Self, CarrierError> {
        Ok(Self { from: from.parse().map_err(CarrierError::From)?, way: Way::Folder(folder) })
    }

    /// Carries a letter away.
    pub(super) async fn carry(&self, id: MailId, to: &str, letter: &Letter, language: &str) -> Carried {
        let message = match self.message(id, to, letter, language) {
            Ok(message) => message,
            // No server would take it either.
            Err(error) => return Carried::Refused(error),
        };
        match &self.way {
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Carried::Sent,
                // x5x is about the mail or its receiver; the rest (who we are, what we may) somebody can mend.
                Err(error)
                    if error.is_permanent()
                        && error.status().is_some_and(|code| code.category == Category::MailSystem) =>
                {
                    Carried::Refused(said(&error))
                }
                Err(error) => Carried::Later(said(&error)),
            },
            Way::Folder(folder) => {
                let (folder, bytes) = (folder.clone(), message.formatted());
                let written = tokio::task::spawn_blocking(move || keep(&folder, id, &bytes)).await;
                match written.map_err(std::io::Error::other).flatten() {
                    Ok(()) => Carried::Kept,
                    Err(error) => Carried::Later(error.to_string()),
                }
            }
        }
    }

    /// Removes what was kept of a mail, where mails are files.
    pub(super) async fn forget(&self, id: MailId) {
        let Way::Folder(folder) = &self.way else { return };
        let path = file(folder, id);
        let removed = tokio::task::spawn_blocking(move || std::fs::remove_file(path)).await;
        if let Ok(Err(error)) = removed
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(mail.id = %id, error.cause = %error, "a mail's file stays");
        }
    }

    fn message(&self, id: MailId, to: &str, letter: &Letter, language: &str) -> Result<Message, String> {
        let to: Mailbox = Mailbox::new(None, to.parse().map_err(|error: AddressError| error.to_string())?);
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(letter.text(), letter.html(language)))
            .map_err(|error| error.to_string())
    }
}

/// What a server said, in few words; never a link, which only the body has.
fn said(error: &lettre::transport::smtp::Error) -> String {
    error.to_string().chars().filter(|c| !c.is_control()).take(300).collect()
}

fn file(folder: &Path, id: MailId) -> PathBuf {
    folder.join(format!("{id}.eml"))
}

fn keep(folder: &Path, id: MailId, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = file(folder, id);
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::letter::Part;

    #[test]
    fn only_encrypted_ways_lead_to_other_machines() {
        let check = |url: &str, expect: Option<&str>| {
            let found = Carrier::smtp(&url.into(), "Gridkeep <gridkeep@example.com>", None).err();
            let found = found.map(|error| error.to_string());
            assert_eq!(
                found.as_deref().map(|text| text.split(' ').nth(1).unwrap_or_default()),
                expect,
                "{url}"
            );
        };
        check("smtps://user:secret@mail.example.com", None);
        check("smtp://mail.example.com:587?tls=required", None);
        check("smtp://localhost:2525", None);
        check("smtp://127.0.0.1:2525", None);
        check("smtp://localhost.example.com", Some("asks"));
        check("smtp://mail.example.com", Some("asks"));
        check("https://mail.example.com", Some("is"));
        // What only looks like this machine, or like asking for TLS.
        check("smtp://localhost:secret@mail.example.com", Some("asks"));
        check("smtp://mail.example.com?x=tls=required", Some("asks"));
        check("smtp://mail.example.com/?tls=opportunistic", Some("asks"));
        check("smtp://localhost?tls=opportunistic", Some("asks"));
        check("smtp://user:secret@mail.example.com:587/host.example?tls=required", None);
        assert!(matches!(Carrier::smtp(&"smtp://localhost".into(), "no", None), Err(CarrierError::From(_))));
        let ca =
            Carrier::smtp(&"smtps://localhost".into(), "a@example.com", Some(b"-----BEGIN CERTIFICATE-----"));
        assert!(ca.is_err());
    }

    #[tokio::test]
    async fn a_mail_without_a_server_becomes_a_file_only_its_owner_reads() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let carrier =
            Carrier::folder(folder.path().join("outbox"), "Gridkeep <gridkeep@example.com>").unwrap();
        let letter = Letter { subject: "Grüße".to_owned(), parts: vec![Part::Text("Hello".to_owned())] };
        let id = MailId::from_uuid(uuid::Uuid::nil());
        assert_eq!(carrier.carry(id, "ada@example.com", &letter, "en").await, Carried::Kept);
        let path = folder.path().join("outbox").join(format!("{id}.eml"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("To: ada@example.com\r\n") && text.contains("Subject: =?utf-8?b?"), "{text}");
        let refused = carrier.carry(id, "ada@example.com\r\nBcc: eve@example.com", &letter, "en").await;
        assert!(matches!(refused, Carried::Refused(_)));
    }
}
