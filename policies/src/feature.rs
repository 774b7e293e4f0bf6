//! What one client can invite another to, and sets of it. The server refuses
//! invitations by these; the catalogue says which option forbids which.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that clients invite each other to over the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// Sending a file from client to client.
    FileTransfer,
    /// Speaking from computer to computer.
    Voice,
    /// Conversations with a camera.
    Video,
    /// Calls to ordinary telephones.
    Phone,
    /// Sharing of programs, and the whiteboard.
    AppSharing,
    /// Starting `NetMeeting`.
    #[serde(rename = "netmeeting")]
    NetMeeting,
    /// Letting somebody else see or operate the screen.
    RemoteAssistance,
}

impl Feature {
    /// Every feature, in the order in which pages list them.
    pub const ALL: [Self; 7] = [
        Self::FileTransfer,
        Self::Voice,
        Self::Video,
        Self::Phone,
        Self::AppSharing,
        Self::NetMeeting,
        Self::RemoteAssistance,
    ];

    /// The name for people, fit for the middle of a sentence: `file transfer`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::FileTransfer => "file transfer",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Phone => "calls to telephones",
            Self::AppSharing => "application sharing",
            Self::NetMeeting => "NetMeeting",
            Self::RemoteAssistance => "Remote Assistance",
        }
    }

    /// The word in files and addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FileTransfer => "file-transfer",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Phone => "phone",
            Self::AppSharing => "app-sharing",
            Self::NetMeeting => "netmeeting",
            Self::RemoteAssistance => "remote-assistance",
        }
    }

    /// The feature of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.word() == word)
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// A set of features, small enough to be copied into every session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Feature>", into = "Vec<Feature>")]
pub struct FeatureSet(u8);

impl FeatureSet {
    /// The set with nothing in it.
    pub const EMPTY: Self = Self(0);

    /// Whether `feature` is in the set.
    #[must_use]
    pub fn contains(self, feature: Feature) -> bool {
        self.0 & feature.bit() != 0
    }

    /// Adds `feature`.
    pub fn insert(&mut self, feature: Feature) {
        self.0 |= feature.bit();
    }

    /// What is in either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The features in the set, in the order of [`Feature::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL
            .into_iter()
            .filter(move |feature| self.contains(*feature))
    }
}

impl FromIterator<Feature> for FeatureSet {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        let mut set = Self::EMPTY;
        for feature in features {
            set.insert(feature);
        }
        set
    }
}

impl From<Vec<Feature>> for FeatureSet {
    fn from(features: Vec<Feature>) -> Self {
        features.into_iter().collect()
    }
}

impl From<FeatureSet> for Vec<Feature> {
    fn from(set: FeatureSet) -> Self {
        set.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_what_files_hold() {
        for feature in Feature::ALL {
            let json = serde_json::to_string(&feature).unwrap();
            assert_eq!(json, format!("\"{}\"", feature.word()));
            assert_eq!(Feature::named(feature.word()), Some(feature));
        }
    }

    #[test]
    fn a_set_holds_each_feature_apart_from_the_others() {
        for feature in Feature::ALL {
            let set = FeatureSet::from_iter([feature]);
            assert_eq!(set.iter().collect::<Vec<_>>(), [feature]);
        }
        assert_eq!(FeatureSet::from_iter(Feature::ALL).iter().count(), 7);
    }
}
