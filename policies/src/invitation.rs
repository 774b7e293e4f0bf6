//! What an invitation (`text/x-msmsgsinvite`) asks for, told by the
//! application's GUID and, where that is not known, by its name. How sure each
//! GUID is stands beside it.

use crate::{Feature, FeatureSet};

/// The applications that are known.
///
/// Certain: sent by several clients, or named in Windows itself. Seen: found in
/// public descriptions of the MSN protocol or in other clients alone.
const APPLICATIONS: [(&str, Feature); 9] = [
    // Certain (observed: librvp; MSN Messenger 3.6 and later).
    (
        "5D3E02AB-6190-11D3-BBBB-00C04F795683",
        Feature::FileTransfer,
    ),
    // Certain (documented as the example of the Messenger session invite API).
    ("44BBA842-CC51-11CF-AAFA-00AA00B6015C", Feature::NetMeeting),
    // Certain: calls between computers; with a camera when the context says SIP_V.
    ("02D3C01F-BF30-4825-A83A-DE7AF41648AA", Feature::Voice),
    // Certain: "Ask for Remote Assistance" is registered under it in Windows XP.
    (
        "56B994A7-380F-410B-9985-C809D78C1BDC",
        Feature::RemoteAssistance,
    ),
    // Certain: application sharing and whiteboard of Windows Messenger (rtcshare).
    ("F1B1920C-6A3C-4CE7-B18C-AFAB305FD03D", Feature::AppSharing),
    ("1DF57D09-637A-4CA5-91B9-2C3EDAAF62FE", Feature::AppSharing),
    // Seen: "viewing webcam" of MSN Messenger.
    ("2A23868E-B45F-401D-B8B0-1E16B774A5B7", Feature::Video),
    // Seen: the cameras of later MSN Messengers, sending and asking.
    ("4BD96FC0-AB17-4425-A14A-439185962DC8", Feature::Video),
    ("1C9AA97E-9C05-4583-A3BD-908A196F1E92", Feature::Video),
];

/// Words of English `Application-Name`s. Names are translated, so a name says
/// nothing when it is not here.
const NAMES: [(&str, Feature); 9] = [
    ("file transfer", Feature::FileTransfer),
    ("netmeeting", Feature::NetMeeting),
    ("remote assistance", Feature::RemoteAssistance),
    ("application sharing", Feature::AppSharing),
    ("whiteboard", Feature::AppSharing),
    ("video conversation", Feature::Video),
    ("webcam", Feature::Video),
    ("audio conversation", Feature::Voice),
    ("voice conversation", Feature::Voice),
];

/// What an invitation mainly asks for; `None` where neither the GUID nor the
/// name is known, as with games.
///
/// `application_guid` is the `Application-GUID` with or without braces, in any
/// case; `application_name` the `Application-Name`. Either may be empty.
#[must_use]
pub fn classify_invitation(application_guid: &str, application_name: &str) -> Option<Feature> {
    let guid = application_guid
        .trim()
        .trim_start_matches('{')
        .trim_end_matches('}');
    let by_guid = APPLICATIONS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(guid));
    let name = application_name.to_lowercase();
    let by_name = || NAMES.iter().find(|(word, _)| name.contains(word));
    by_guid.or_else(by_name).map(|(_, feature)| *feature)
}

/// Everything that an invitation asks for: a call with a camera is voice and
/// video. It is to be refused when any of it is forbidden.
///
/// `context_data` is the `Context-Data` of the invitation, as in
/// `Requested:SIP_A,SIP_V,;Capabilities:SIP_A,SIP_V,;`; it may be empty.
#[must_use]
pub fn invited_features(
    application_guid: &str,
    application_name: &str,
    context_data: &str,
) -> FeatureSet {
    let Some(main) = classify_invitation(application_guid, application_name) else {
        return FeatureSet::EMPTY;
    };
    let mut features = FeatureSet::from_iter([main]);
    if main == Feature::Voice {
        let requested = context_data
            .split(';')
            .find_map(|part| part.trim().strip_prefix("Requested:"));
        let camera = requested.is_some_and(|media| {
            media
                .split(',')
                .any(|m| m.trim().eq_ignore_ascii_case("SIP_V"))
        });
        if camera || application_name.to_lowercase().contains("video") {
            features.insert(Feature::Video);
        }
    }
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guid_decides_in_every_spelling() {
        for guid in [
            "{5D3E02AB-6190-11d3-BBBB-00C04F795683}",
            "5d3e02ab-6190-11d3-bbbb-00c04f795683",
            " {5D3E02AB-6190-11D3-BBBB-00C04F795683} ",
        ] {
            assert_eq!(
                classify_invitation(guid, "Dateiübertragung"),
                Some(Feature::FileTransfer)
            );
        }
        let guid = "{44BBA842-CC51-11CF-AAFA-00AA00B6015C}";
        assert_eq!(
            classify_invitation(guid, "File Transfer"),
            Some(Feature::NetMeeting)
        );
    }

    #[test]
    fn an_unknown_guid_does_not_hide_a_known_name() {
        let guid = "{00000000-0000-0000-0000-000000000001}";
        assert_eq!(
            classify_invitation(guid, "File Transfer"),
            Some(Feature::FileTransfer)
        );
        assert_eq!(
            classify_invitation("", "NetMeeting"),
            Some(Feature::NetMeeting)
        );
        assert_eq!(classify_invitation(guid, "Minesweeper Flags"), None);
        assert_eq!(classify_invitation("", ""), None);
    }

    #[test]
    fn a_call_with_a_camera_is_voice_and_video() {
        let call = "{02D3C01F-BF30-4825-A83A-DE7AF41648AA}";
        let features = |context| {
            invited_features(call, "Gespräch", context)
                .iter()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            features("Requested:SIP_A,;Capabilities:SIP_A,SIP_V,;"),
            [Feature::Voice]
        );
        assert_eq!(
            features("Requested:SIP_A,SIP_V,;Capabilities:SIP_A,SIP_V,;"),
            [Feature::Voice, Feature::Video]
        );
        assert_eq!(features(""), [Feature::Voice]);
    }
}
