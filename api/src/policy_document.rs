//! A policy on its way: JSON of the policy library, which this crate does not read.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;

/// A policy, as the policy library writes it: an object, and within the process the text of one,
/// so that nobody reads or writes it who does not look into it. It may be a large one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(Box<RawValue>);

impl PolicyDocument {
    /// The document of a policy.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn of(policy: &impl Serialize) -> serde_json::Result<Self> {
        to_raw_value(policy).map(Self)
    }

    /// A document that was written before.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn of_json(json: String) -> serde_json::Result<Self> {
        RawValue::from_string(json).map(Self)
    }

    /// The policy in it.
    ///
    /// # Errors
    /// It is none.
    pub fn read<P: DeserializeOwned>(&self) -> serde_json::Result<P> {
        serde_json::from_str(self.json())
    }

    /// Its text.
    #[must_use]
    pub fn json(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for PolicyDocument {}

impl JsonSchema for PolicyDocument {
    fn schema_name() -> Cow<'static, str> {
        "Policy".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A policy, as the policy library writes it.",
            "properties": {
                "name": { "type": "string", "description": "Its name." },
                "description": { "type": "string", "description": "What it is for." },
                "mode": {
                    "enum": ["both", "export-only", "enforce-only"],
                    "description": "Where it has effect: in files and on the server, in files only, on the server only."
                },
                "settings": {
                    "type": "object",
                    "description": "What is chosen, by the id of the option. GET /catalogue lists them.",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "setting": {
                                "description": "What is chosen.",
                                "anyOf": [
                                    { "enum": ["on", "off", "not-set"] },
                                    {
                                        "type": "object",
                                        "properties": { "number": { "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32 } },
                                        "required": ["number"]
                                    },
                                    {
                                        "type": "object",
                                        "properties": { "text": { "type": "string" } },
                                        "required": ["text"]
                                    }
                                ]
                            },
                            "hive": {
                                "enum": ["HKLM", "HKCU", null],
                                "description": "Where it is written; left out: the usual one."
                            }
                        },
                        "required": ["setting"]
                    }
                },
                "other_values": {
                    "type": "array",
                    "description": "Values that no option knows, written as they are.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "hive": { "enum": ["HKLM", "HKCU"] },
                            "key": { "type": "string" },
                            "name": { "type": "string" },
                            "data": {
                                "description": "\"absent\", or {\"sz\": text}, {\"dword\": number} or {\"other\": {\"kind\": number, \"bytes\": [byte, …]}}."
                            }
                        },
                        "required": ["hive", "key", "name", "data"]
                    }
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct View {
        number: u32,
        policy: PolicyDocument,
    }

    #[test]
    fn it_is_an_object_wherever_it_goes_and_never_a_string_in_a_string() {
        let policy = json!({"name": "x", "settings": {"a": {"setting": "on"}}});
        let view = View {
            number: 1,
            policy: PolicyDocument::of(&policy).unwrap(),
        };
        let value = serde_json::to_value(&view).unwrap();
        assert_eq!(value, json!({"number": 1, "policy": policy}));
        assert_eq!(serde_json::from_value::<View>(value).unwrap(), view);
        let text = serde_json::to_string(&view).unwrap();
        let read: View = serde_json::from_str(&text).unwrap();
        assert_eq!(read.policy.read::<Value>().unwrap(), policy);
    }
}
