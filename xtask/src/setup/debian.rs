//! Debian packages, through apt-get, where a program of theirs is missing.

use std::{fs, path::Path};

use anyhow::{Result, bail};

use crate::shell::{find, run};

/// A Debian package, what it is for, and how to see that it is there.
pub(crate) struct Package {
    name: &'static str,
    purpose: &'static str,
    present: fn() -> bool,
}

/// The database server that store's tests run on beside SQLite.
pub(crate) const POSTGRESQL: Package = Package {
    name: "postgresql",
    purpose: "the tests of the PostgreSQL store",
    present: || in_folder("/usr/lib/postgresql", |version| version.join("bin/initdb").is_file()),
};

/// The browser of the journeys.
pub(crate) const CHROMIUM: Package =
    Package { name: "chromium", purpose: "the browser journeys", present: || find("chromium").is_some() };

/// The mail server that tests of mails send to.
pub(crate) const SMTP: Package = Package {
    name: "python3-aiosmtpd",
    purpose: "the tests of mails",
    present: || find("aiosmtpd").is_some(),
};

/// The identity provider that tests of SAML ask, with the program that signs for it.
pub(crate) const SAML: Package = Package {
    name: "python3-pysaml2",
    purpose: "the tests of sign-in by SAML",
    present: || Path::new("/usr/lib/python3/dist-packages/saml2").is_dir() && find("xmlsec1").is_some(),
};

/// The name server that says whose a company's domain is.
pub(crate) const NAMES: Package = Package {
    name: "dnsmasq-base",
    purpose: "the tests of companies' domains",
    present: || Path::new("/usr/sbin/dnsmasq").is_file(),
};

/// Canonical XML by other people.
pub(crate) const LXML: Package = Package {
    name: "python3-lxml",
    purpose: "the tests of canonical XML",
    present: || Path::new("/usr/lib/python3/dist-packages/lxml").is_dir(),
};

/// The validator of XML schemas.
pub(crate) const XMLLINT: Package = Package {
    name: "libxml2-utils",
    purpose: "the tests of OData metadata",
    present: || find("xmllint").is_some(),
};

/// Debian's compiler for WebAssembly, where rustup has none.
pub(super) const RUST_WEB: Package = Package {
    name: "rustc-web",
    purpose: "the engine in the browser",
    present: || Path::new("/usr/bin/rustc").is_file(),
};

/// The standard library's source, which that compiler builds.
pub(super) const RUST_SOURCE: Package = Package {
    name: "rust-web-src",
    purpose: "the engine in the browser",
    present: || in_folder("/usr/src", |source| source.join("library/std/Cargo.toml").is_file()),
};

/// The linker for WebAssembly.
pub(super) const LLD: Package = Package {
    name: "lld-19",
    purpose: "the engine in the browser",
    present: || find("wasm-ld-19").is_some(),
};

/// Whether something in this folder is what is looked for.
fn in_folder(folder: &str, is_it: fn(&Path) -> bool) -> bool {
    fs::read_dir(folder).is_ok_and(|all| all.filter_map(Result::ok).any(|entry| is_it(&entry.path())))
}

/// Installs those that are missing; without the right to do so, says what to install.
pub(crate) fn packages(wanted: &[Package]) -> Result<()> {
    let missing: Vec<&Package> = wanted.iter().filter(|package| !(package.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for package in &missing {
        println!("setup: Debian's `{}` is missing; it is needed for {}", package.name, package.purpose);
    }
    let names = missing.iter().map(|package| package.name);
    let install = ["install", "--yes", "--no-install-recommends", "-qq"].into_iter().chain(names);
    let Some(apt) = find("apt-get") else { bail!("this is no Debian: install the above by hand") };
    let apt = apt.to_string_lossy().into_owned();
    let privileged: Vec<String> = if is_root()? {
        vec![apt]
    } else if find("sudo").is_some() {
        vec!["sudo".to_owned(), "--non-interactive".to_owned(), apt]
    } else {
        bail!(
            "only root may install packages: run `apt-get {}` as root",
            install.collect::<Vec<_>>().join(" ")
        );
    };
    let get = |arguments: Vec<&str>| {
        let all = privileged.iter().map(String::as_str).chain(arguments);
        run("env", ["DEBIAN_FRONTEND=noninteractive"].into_iter().chain(all)).check()
    };
    get(vec!["update", "-qq"])?;
    get(install.collect())?;
    match missing.iter().find(|package| !(package.present)()) {
        Some(package) => bail!("`{}` is installed, but what it should bring is not found", package.name),
        None => Ok(()),
    }
}

/// Whether we may do everything on this machine.
fn is_root() -> Result<bool> {
    Ok(run("id", ["-u"]).quietly().read()?.trim() == "0")
}
