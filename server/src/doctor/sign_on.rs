//! The settings of signing on, in plain words.

use crate::auth::{NtlmLevel, NtlmMinimum, Scheme};
use api::{Finding, Level};

/// What is offered.
pub(super) fn schemes(schemes: &[Scheme]) -> Finding {
    const WHY: &str = "A client takes the first offer that it knows; one that knows none of \
        them cannot sign on.";
    let finding = |level, found: &str| Finding::new(level, "Sign-on schemes", found, WHY);
    let both = "To offer both: [auth] schemes = [\"digest\", \"ntlm\"], then restart.";
    match (
        schemes.contains(&Scheme::Digest),
        schemes.contains(&Scheme::Ntlm),
    ) {
        (true, true) => finding(Level::Ok, "Digest and NTLM are offered."),
        (true, false) => finding(
            Level::Warning,
            "Only Digest is offered: clients that sign on with the Windows logon by NTLM are kept out.",
        )
        .remedy(both),
        (false, true) => finding(
            Level::Warning,
            "Only NTLM is offered: clients that can do Digest alone, or reach the server through an HTTP proxy, are kept out.",
        )
        .remedy(both),
        (false, false) => {
            finding(Level::Problem, "Nothing is offered: nobody can sign on.").remedy(both)
        }
    }
}

/// The weakest NTLM response that is accepted, and what raising it breaks.
pub(super) fn ntlm(minimum: NtlmMinimum) -> Finding {
    const WHY: &str = "An NTLMv1 response that is overheard can be turned into the password's \
        hash; the later ones withstand longer. Clients of the time send NTLMv1 unless Windows is \
        told otherwise (LmCompatibilityLevel).";
    let finding = |level, found: &str| Finding::new(level, "NTLM", found, WHY);
    match minimum {
        NtlmLevel::V1 => finding(
            Level::Ok,
            "NTLMv1 and all that is stronger is accepted, as clients of the time need it.",
        )
        .remedy(
            "Keep the server in a trusted network. Once every Windows client has \
             LmCompatibilityLevel 3 or more, [auth] ntlm_minimum = \"v2\" turns the others away; \
             pidgin-librvp and Net::RVP then need Digest.",
        ),
        NtlmLevel::Ntlm2Session => finding(
            Level::Warning,
            "NTLMv1 is refused, NTLM2 session responses and NTLMv2 are accepted.",
        )
        .remedy(
            "Clients that only know NTLMv1 (pidgin-librvp, Net::RVP, Windows with \
             LmCompatibilityLevel 0) sign on by Digest or not at all. If some cannot: [auth] \
             ntlm_minimum = \"v1\", then restart.",
        ),
        NtlmLevel::V2 => finding(Level::Warning, "Only NTLMv2 is accepted.").remedy(
            "Windows clients need LmCompatibilityLevel 3 or more; others sign on by Digest or \
             not at all. If some cannot: [auth] ntlm_minimum = \"v1\", then restart.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_clients_out_is_warned_of() {
        use Scheme::{Digest, Ntlm};
        assert_eq!(schemes(&[Digest, Ntlm]).level, Level::Ok);
        assert_eq!(schemes(&[Digest]).level, Level::Warning);
        assert_eq!(schemes(&[Ntlm]).level, Level::Warning);
        assert_eq!(ntlm(NtlmLevel::V1).level, Level::Ok);
        for raised in [NtlmLevel::Ntlm2Session, NtlmLevel::V2] {
            let finding = ntlm(raised);
            assert_eq!(finding.level, Level::Warning);
            assert!(finding.remedy.contains("ntlm_minimum = \"v1\""));
        }
    }
}
