//! Passwords of console administrators: argon2id, nothing that could sign on
//! to RVP. Slow on purpose: call from a thread that may block (about 20 ms).

use argon2::password_hash::{
    self, PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString,
};
use argon2::{Algorithm, Argon2, Params, Version};
use zxcvbn::Score;
use zxcvbn::feedback::Feedback;

/// Memory in KiB, passes and lanes (OWASP's first recommendation for argon2id).
const COST: (u32, u32, u32) = (19_456, 2, 1);
const SHORTEST: usize = 10;
/// Longer input is refused before it is hashed.
const LONGEST: usize = 256;

/// A hash that no known password fits, with today's cost. Compare with it where
/// the name is unknown, so that the answer takes as long as for a known one.
pub const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$AzL9VU5AiYU+ur2vTLCwHA$ghm4YE4SyuidzIhuTcdVoLhN2laPKr20OzRStUQt1+s";

/// The hash could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed: {0}; is there enough memory?")]
pub struct HashError(password_hash::Error);

fn argon2() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params =
        Params::new(memory, passes, lanes, None).expect("constants within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The argon2id hash of a password in PHC form, with 16 random bytes of salt.
///
/// # Errors
/// [`HashError`] where argon2 gets no memory.
pub fn hash_password(password: &str, salt: [u8; 16]) -> Result<String, HashError> {
    let salt = SaltString::encode_b64(&salt).map_err(HashError)?;
    argon2()
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(HashError)
}

/// Whether the password fits the hash. A hash that cannot be read fits nothing.
pub fn verify_password(password: &str, phc: &str) -> bool {
    password.len() <= LONGEST * 4
        && PasswordHash::new(phc)
            .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Whether a new password is good enough for a console account; if not, the sentence to show. It is
/// measured by what a guesser tries first: words, names, dates, rows of keys, and `known`, what
/// belongs to the account. Takes some milliseconds.
///
/// # Errors
/// What is wrong with it and what to do.
pub fn check_strength(password: &str, known: &[&str]) -> Result<(), String> {
    let letters = password.chars().count();
    if letters < SHORTEST {
        return Err("The password is too short: use at least 10 characters.".to_owned());
    }
    if letters > LONGEST {
        return Err("The password is too long: use at most 256 characters.".to_owned());
    }
    let mut distinct: Vec<char> = password.to_lowercase().chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 5 {
        return Err("The password repeats too few different characters: mix in others.".to_owned());
    }
    let known = [known, &["rollcall", "console", "administrator"]].concat();
    let measured = zxcvbn::zxcvbn(password, &known);
    if measured.score() >= Score::Three {
        return Ok(());
    }
    let feedback = measured.feedback();
    let warning = feedback.and_then(Feedback::warning);
    let suggestions = feedback.map_or(&[][..], Feedback::suggestions);
    let sentences = warning.map(|it| it.to_string()).into_iter();
    let sentences = sentences.chain(suggestions.iter().map(ToString::to_string));
    let reason: Vec<_> = sentences.map(|it| sentence(&it)).collect();
    Err(match reason.as_slice() {
        [] => "The password is too easy to guess: use several unrelated words.".to_owned(),
        reason => format!("The password is too easy to guess. {}", reason.join(" ")),
    })
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_and_no_other() {
        let hash = hash_password("correct horse", [1; 16]).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(verify_password("correct horse", &hash));
        assert!(!verify_password("correct horsf", &hash));
        assert_ne!(hash, hash_password("correct horse", [2; 16]).unwrap());
    }

    #[test]
    fn the_dummy_has_the_cost_of_a_real_hash_and_fits_nothing_known() {
        let dummy = PasswordHash::new(DUMMY_HASH).unwrap();
        let real = hash_password("x", [1; 16]).unwrap();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(dummy.params, real.params);
        assert_eq!(dummy.algorithm, real.algorithm);
        assert_eq!(dummy.hash.unwrap().len(), real.hash.unwrap().len());
        assert!(!verify_password("", DUMMY_HASH));
    }

    #[test]
    fn an_unreadable_hash_or_an_endless_password_fits_nothing() {
        assert!(!verify_password("", ""));
        assert!(!verify_password("x", "$argon2id$v=19$m=1"));
        assert!(!verify_password(&"x".repeat(10_000), DUMMY_HASH));
    }

    #[test]
    fn weak_passwords_are_refused_with_a_sentence() {
        for weak in [
            "short",
            "aaaaaaaaaaaa",
            "abababababab",
            "1234567890",
            "poiuytrewq",
            "Password123!",
            "password1234",
            "Administrator1",
            "P@ssw0rd2002",
            &"long".repeat(100),
        ] {
            let sentence = check_strength(weak, &[]).expect_err(weak);
            assert!(sentence.ends_with('.'), "{sentence}");
        }
        for good in [
            "correct horse battery",
            "tr0ub4dor&3x",
            "ein-langes-Passwort",
            "пароль-не-простой",
        ] {
            assert_eq!(check_strength(good, &[]), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_belongs_to_the_account_is_no_password() {
        let name = "Margarethe.Olafsdottir";
        for weak in [
            "Margarethe.Olafsdottir",
            "margarethe.olafsdottir1",
            "rollcallrollcall",
            "administrator2026",
        ] {
            let sentence = check_strength(weak, &[name]).expect_err(weak);
            assert!(
                sentence.starts_with("The password is too easy to guess. "),
                "{sentence}"
            );
        }
        assert_eq!(check_strength("Margarethe.Olafsdottir", &[]), Ok(()));
    }
}
