//! The program behind what a client calls itself.

use crate::catalogue::Client;

/// The program that a `User-Agent` such as `msmsgs/5.1.0.639` names, if it is one that options are
/// known for. Only what it says: other programs call themselves so, too (observed: Miranda), and
/// some say nothing (observed: librvp).
#[must_use]
pub fn client_of_agent(agent: &str) -> Option<Client> {
    let (product, version) = agent.trim().split_once('/')?;
    if !product.eq_ignore_ascii_case("msmsgs") {
        return None;
    }
    let major = version.split(|c: char| !c.is_ascii_digit()).next()?;
    match major.parse().ok()? {
        1_u32 | 2 => Some(Client::MsnMessenger22),
        3 => Some(Client::MsnMessenger36),
        4 => Some(Client::WindowsMessenger4),
        5.. => Some(Client::WindowsMessenger5),
        0 => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_says_which_messenger_it_is() {
        for (agent, client) in [
            ("msmsgs/2.2.1053", Some(Client::MsnMessenger22)),
            ("msmsgs/3.6.0039", Some(Client::MsnMessenger36)),
            ("msmsgs/4.7.0041", Some(Client::WindowsMessenger4)),
            ("MSMSGS/5.1.0.639", Some(Client::WindowsMessenger5)),
            ("msmsgs/", None),
            ("Net::RVP/0.02", None),
            ("", None),
        ] {
            assert_eq!(client_of_agent(agent), client, "{agent}");
        }
    }
}
