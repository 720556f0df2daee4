//! What a company's sign-in asks for that is not there.

use axum::http::StatusCode;

/// What is asked for and not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompanyRefusal {
    /// People with such an address come through their company here.
    #[error("company required")]
    Required,
    /// Nobody could come through the company: no provider is open.
    #[error("no open provider")]
    NoOpenProvider,
    /// No owner could come in but through the company.
    #[error("no owner with a passkey")]
    NoOwnerWithPasskey,
    /// The passkey is the last by which an owner comes in but through the company.
    #[error("last passkey of an owner")]
    LastPasskey,
    /// They are the last owner who comes in but through the company.
    #[error("last owner with a passkey")]
    LastOwnerWithPasskey,
    /// A SAML provider without its metadata.
    #[error("no metadata")]
    NoMetadata,
    /// It gives no answer.
    #[error("company unreachable")]
    Unreachable,
    /// Not so long ago, and in this browser, nobody with the account's address came through the company.
    #[error("not the same person")]
    AnotherPerson,
    /// A domain has not the record that proves it.
    #[error("domain not proven")]
    DomainNotProven,
}

impl CompanyRefusal {
    /// As programs read it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Required => "companyRequired",
            Self::NoOpenProvider => "noOpenProvider",
            Self::NoOwnerWithPasskey => "noOwnerWithPasskey",
            Self::LastPasskey => "lastPasskey",
            Self::LastOwnerWithPasskey => "lastOwnerWithPasskey",
            Self::NoMetadata => "noMetadata",
            Self::Unreachable => "companyUnreachable",
            Self::AnotherPerson => "anotherPerson",
            Self::DomainNotProven => "domainNotProven",
        }
    }

    /// As HTTP has it.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Required => StatusCode::FORBIDDEN,
            Self::LastPasskey | Self::LastOwnerWithPasskey | Self::AnotherPerson => StatusCode::CONFLICT,
            Self::Unreachable => StatusCode::BAD_GATEWAY,
            Self::NoOpenProvider | Self::NoOwnerWithPasskey | Self::NoMetadata | Self::DomainNotProven => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        }
    }

    /// What people read: what happened and what they can do.
    pub(super) const fn english(self) -> (&'static str, &'static str) {
        match self {
            Self::Required => (
                "Through your company",
                "People with such an address come in here through their company. Sign in there.",
            ),
            Self::NoOpenProvider => (
                "No way in yet",
                "Nobody could come through the company: open a provider of this workspace first.",
            ),
            Self::NoOwnerWithPasskey => (
                "An owner needs a passkey",
                "Should the company’s sign-in fail, owners come in with a passkey. Let an owner of this workspace set one up first.",
            ),
            Self::LastPasskey => (
                "This passkey is still needed",
                "In one of your workspaces everybody comes in through their company. Should its sign-in fail, only this passkey opens it. Add another first, in a session that you began with this one, or no longer require company sign-in.",
            ),
            Self::LastOwnerWithPasskey => (
                "The only owner with a passkey",
                "Everybody comes in here through their company. Should its sign-in fail, only this person comes in. Another owner needs a passkey that counts first, or no longer require company sign-in.",
            ),
            Self::NoMetadata => (
                "Nothing is known of the provider",
                "Upload its metadata file first. Until then nobody can come in this way.",
            ),
            Self::Unreachable => (
                "Your company does not answer",
                "Its sign-in could not be reached, or is not set up rightly. Try again later, or ask whoever administers your workspace.",
            ),
            Self::AnotherPerson => (
                "Not linked",
                "You are signed in, but this account does not have the address that your company told us, or that was too long ago. Link your company in your account’s security.",
            ),
            Self::DomainNotProven => (
                "Not proven yet",
                "The domain does not have that text record. New records may take a while until they are seen everywhere; try again later.",
            ),
        }
    }

    /// The same in German.
    pub(super) const fn german(self) -> (&'static str, &'static str) {
        match self {
            Self::Required => (
                "Über Ihre Firma",
                "Wer so eine Adresse hat, kommt hier über die eigene Firma herein. Melden Sie sich dort an.",
            ),
            Self::NoOpenProvider => (
                "Noch kein Weg hinein",
                "Niemand könnte über die Firma hereinkommen: Öffnen Sie erst einen Anbieter dieses Arbeitsbereichs.",
            ),
            Self::NoOwnerWithPasskey => (
                "Ein Inhaber braucht einen Passkey",
                "Fällt die Anmeldung der Firma aus, kommen Inhaber mit einem Passkey herein. Ein Inhaber dieses Arbeitsbereichs muss erst einen einrichten.",
            ),
            Self::LastPasskey => (
                "Dieser Passkey wird noch gebraucht",
                "In einem Ihrer Arbeitsbereiche kommen alle über ihre Firma herein. Fällt deren Anmeldung aus, öffnet nur noch dieser Passkey. Richten Sie in einer Sitzung, die Sie mit ihm begonnen haben, erst einen weiteren ein, oder heben Sie unter Firma die Pflicht auf.",
            ),
            Self::LastOwnerWithPasskey => (
                "Der einzige Inhaber mit einem Passkey",
                "Hier kommen alle über ihre Firma herein. Fällt deren Anmeldung aus, kommt nur noch diese Person herein. Ein anderer Inhaber braucht erst einen Passkey, der zählt; oder heben Sie unter Firma die Pflicht auf.",
            ),
            Self::NoMetadata => (
                "Über den Anbieter ist nichts bekannt",
                "Laden Sie erst seine Metadatendatei hoch. Bis dahin kann so niemand hereinkommen.",
            ),
            Self::Unreachable => (
                "Ihre Firma antwortet nicht",
                "Die Anmeldung dort war nicht zu erreichen oder ist nicht richtig eingerichtet. Versuchen Sie es später, oder fragen Sie, wer Ihren Arbeitsbereich verwaltet.",
            ),
            Self::AnotherPerson => (
                "Nicht verknüpft",
                "Sie sind angemeldet, aber dieses Konto hat nicht die Adresse, die Ihre Firma genannt hat, oder das ist zu lange her. Verknüpfen Sie Ihre Firma in der Sicherheit Ihres Kontos.",
            ),
            Self::DomainNotProven => (
                "Noch nicht nachgewiesen",
                "Die Domain hat diesen Text-Eintrag nicht. Neue Einträge sind oft erst nach einer Weile überall zu sehen; versuchen Sie es später noch einmal.",
            ),
        }
    }
}
