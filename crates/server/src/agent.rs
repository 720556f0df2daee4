//! What a browser says of itself, in words its person knows: which program on which system.
//!
//! Only to tell one's own places apart; a browser may say what it likes, and what is not known is not guessed.

/// A program and the system it runs on, by the names their makers gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) program: Option<&'static str>,
    pub(crate) system: Option<&'static str>,
}

/// In the order they are looked for: most say the names of others too.
const PROGRAMS: [(&str, &str); 12] = [
    ("Gridkeep/", "Gridkeep"),
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// By what it said.
    pub(crate) fn of(agent: Option<&str>) -> Self {
        let find = |names: &[(&str, &'static str)]| {
            names
                .iter()
                .find(|(sign, _)| agent.is_some_and(|agent| agent.contains(sign)))
                .map(|(_, name)| *name)
        };
        Self { program: find(&PROGRAMS), system: find(&SYSTEMS) }
    }

    /// “Firefox, Windows”; `None` when neither is known.
    pub(crate) fn told(self) -> Option<String> {
        let Self { program, system } = self;
        let known: Vec<_> = program.into_iter().chain(system).collect();
        (!known.is_empty()).then(|| known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_by_their_names() {
        let check = |agent: &str, program: Option<&'static str>, system: Option<&'static str>| {
            assert_eq!(Device::of(Some(agent)), Device { program, system }, "{agent}");
        };
        let (windows, android) =
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Mozilla/5.0 (Linux; Android 15; Pixel 9)");
        let blink = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0";
        check(&format!("{windows} {blink} Safari/537.36"), Some("Chrome"), Some("Windows"));
        check(&format!("{windows} {blink} Safari/537.36 Edg/142.0.0.0"), Some("Edge"), Some("Windows"));
        check(&format!("{windows} Gecko/20100101 Firefox/145.0"), Some("Firefox"), Some("Windows"));
        check(&format!("{android} {blink} Mobile Safari/537.36"), Some("Chrome"), Some("Android"));
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
             Version/18.0 Mobile/15E148 Safari/604.1",
            Some("Safari"),
            Some("iPhone"),
        );
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) Version/18.0 Safari/605.1.15",
            Some("Safari"),
            Some("macOS"),
        );
        check("curl/8.5.0", Some("curl"), None);
        check("something of my own", None, None);
        assert_eq!(Device::of(None), Device { program: None, system: None });
        let told = |agent: &str| Device::of(Some(agent)).told();
        assert_eq!(told(&format!("{windows} Firefox/145.0")).as_deref(), Some("Firefox, Windows"));
        assert_eq!((told("curl/8.5.0").as_deref(), told("x")), (Some("curl"), None));
    }
}
