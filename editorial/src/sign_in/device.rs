//! Where somebody signs in from, as far as it is told.

/// Characters of what a browser calls itself.
const AGENT: usize = 200;

/// Where somebody signs in from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The address of the client.
    pub address: Option<String>,
    /// What the browser calls itself, which anybody can make up.
    pub agent: Option<String>,
}

impl Device {
    /// A device at `address`, with a browser that calls itself `agent`; of a long name the
    /// beginning.
    pub fn new(address: Option<String>, agent: Option<&str>) -> Self {
        let agent = agent.map(|agent| {
            agent.chars().filter(|letter| !letter.is_control()).take(AGENT).collect::<String>()
        });
        Self { address, agent: agent.filter(|agent| !agent.is_empty()) }
    }
}
