//! Reads `catalogue/*.toml`, refuses what is not consistent, and turns it into
//! the static table that `src/catalogue` includes: a mistake in the catalogue
//! stops the build, and nothing is parsed at run time.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use toml::{Table, Value};

/// One `[[option]]` after the defaults of its file were filled in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    description: String,
    applies_to: Vec<String>,
    hives: Vec<String>,
    key: String,
    value_name: String,
    #[serde(rename = "type")]
    kind: String,
    on: Option<Value>,
    off: Option<Value>,
    input: Option<EntryInput>,
    #[serde(default)]
    meanings: Vec<EntryMeaning>,
    default: String,
    category: String,
    source: Vec<String>,
    confidence: String,
    #[serde(default = "yes")]
    exportable: bool,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    feature: Option<String>,
    /// Clients take any number but 0 for *on*.
    #[serde(default)]
    nonzero: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryInput {
    kind: String,
    min: Option<u32>,
    max: Option<u32>,
    unit: Option<String>,
    max_length: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryMeaning {
    value: Option<u32>,
    text: Option<String>,
    meaning: String,
}

fn yes() -> bool {
    true
}

fn main() {
    println!("cargo::rerun-if-changed=catalogue");
    if let Err(reason) = generate() {
        println!("cargo::error=the policy catalogue is not usable: {reason}");
        std::process::exit(1);
    }
}

fn generate() -> Result<(), String> {
    let mut files: Vec<PathBuf> = fs::read_dir("catalogue")
        .map_err(|e| format!("catalogue/: {e}"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|e| format!("catalogue/: {e}"))?;
    files.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    files.sort();

    let mut seen = BTreeSet::new();
    let mut code = String::from("&[\n");
    for path in &files {
        for entry in read(path)? {
            let at =
                |reason: String| format!("{}, option `{}`: {reason}", path.display(), entry.id);
            if !seen.insert(entry.id.clone()) {
                return Err(at("the id is used twice".to_owned()));
            }
            code.push_str(&emit(&entry).map_err(at)?);
        }
    }
    code.push(']');
    let out = env::var("OUT_DIR").map_err(|e| format!("OUT_DIR: {e}"))?;
    fs::write(Path::new(&out).join("options.rs"), code).map_err(|e| format!("{out}: {e}"))
}

/// The options of one file, each with the file's `[defaults]` filled in.
fn read(path: &Path) -> Result<Vec<Entry>, String> {
    let named = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let text = fs::read_to_string(path).map_err(|e| named(&e))?;
    let mut file: Table = text.parse().map_err(|e| named(&e))?;
    let defaults = match file.remove("defaults") {
        Some(Value::Table(table)) => table,
        Some(_) => return Err(named(&"`defaults` must be a table")),
        None => Table::new(),
    };
    let Some(Value::Array(options)) = file.remove("option") else {
        return Err(named(&"no `[[option]]` in it"));
    };
    options
        .into_iter()
        .map(|option| {
            let mut merged = defaults.clone();
            // Free input takes the place of the file's usual on and off.
            if option.get("input").is_some() {
                merged.remove("on");
                merged.remove("off");
            }
            let id = option
                .get("id")
                .map(ToString::to_string)
                .unwrap_or_default();
            if let Value::Table(own) = option {
                merged.extend(own);
            }
            merged
                .try_into()
                .map_err(|e| named(&format!("option {id}: {e}")))
        })
        .collect()
}

/// The Rust expression for one option, after its checks.
fn emit(entry: &Entry) -> Result<String, String> {
    let server_only = entry.kind == "none";
    if !entry
        .id
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err("an id has lower-case letters, digits and hyphens".to_owned());
    }
    if entry.title.is_empty() || entry.description.is_empty() || entry.source.is_empty() {
        return Err("title, description and source must not be empty".to_owned());
    }
    if entry.exportable {
        if entry.hives.is_empty() || entry.key.is_empty() || entry.value_name.is_empty() {
            return Err("an exportable option needs hives, key and value_name".to_owned());
        }
        if !matches!(entry.kind.as_str(), "REG_DWORD" | "REG_SZ") {
            return Err(format!(
                "an exportable option cannot have the type {}",
                entry.kind
            ));
        }
        if entry.confidence == "from-memory" {
            return Err("what is only remembered must not be exportable".to_owned());
        }
    } else if entry.reason.is_empty() {
        return Err("an option that is not exportable needs a reason".to_owned());
    }
    // Registry.pol allows printable ASCII in key names only (MS-GPREG 2.2.1).
    if !entry.key.bytes().all(|b| (0x20..=0x7e).contains(&b)) || entry.key.starts_with('\\') {
        return Err("the key must be printable ASCII without a leading backslash".to_owned());
    }

    let mut code = String::new();
    let mut field = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(code, "    {name}: {value},");
    };
    field("id", format!("{:?}", entry.id));
    field("title", format!("{:?}", entry.title));
    field("description", format!("{:?}", entry.description));
    field(
        "clients",
        list(&entry.applies_to, |c| variant("Client", c))?,
    );
    field("hives", list(&entry.hives, |h| variant("Hive", h))?);
    field("key", format!("{:?}", entry.key));
    field("value_name", format!("{:?}", entry.value_name));
    field("kind", variant("ValueKind", &entry.kind)?);
    field("input", input(entry, server_only)?);
    field("meanings", list(&entry.meanings, meaning)?);
    field("default", format!("{:?}", entry.default));
    field("category", variant("Category", &entry.category)?);
    field("source", format!("&{:?}", entry.source));
    field("confidence", variant("Confidence", &entry.confidence)?);
    field("exportable", entry.exportable.to_string());
    field("reason", format!("{:?}", entry.reason));
    field("warnings", format!("&{:?}", entry.warnings));
    field("notes", format!("&{:?}", entry.notes));
    let feature = match &entry.feature {
        Some(name) => format!("Some({})", variant("Feature", name)?),
        None => "None".to_owned(),
    };
    field("feature", feature);
    if entry.nonzero && (entry.on.is_none() || entry.off.is_none()) {
        return Err("nonzero is said of an option that is on or off".to_owned());
    }
    field("nonzero", entry.nonzero.to_string());
    Ok(format!("CatalogueOption {{\n{code}}},\n"))
}

fn list<T>(items: &[T], each: impl Fn(&T) -> Result<String, String>) -> Result<String, String> {
    let items: Vec<String> = items.iter().map(each).collect::<Result<_, _>>()?;
    Ok(format!("&[{}]", items.join(", ")))
}

fn meaning(meaning: &EntryMeaning) -> Result<String, String> {
    let value = match (&meaning.value, &meaning.text) {
        (Some(number), None) => format!("MeaningOf::Number({number})"),
        (None, Some(text)) => format!("MeaningOf::Text({text:?})"),
        _ => {
            return Err(format!(
                "meaning {:?}: give either value or text",
                meaning.meaning
            ));
        }
    };
    Ok(format!(
        "Meaning {{ value: {value}, meaning: {:?} }}",
        meaning.meaning
    ))
}

/// What may be chosen: a switch, one of the listed values, or free input.
fn input(entry: &Entry, server_only: bool) -> Result<String, String> {
    let numbered: BTreeSet<u32> = entry.meanings.iter().filter_map(|m| m.value).collect();
    if server_only {
        return Ok("Input::ServerSwitch".to_owned());
    }
    if let Some(input) = &entry.input {
        return free_input(entry, input);
    }
    if entry.kind != "REG_DWORD" {
        return Err("only a REG_DWORD can do without `input`".to_owned());
    }
    let on = written(entry.on.as_ref(), &numbered)?;
    let off = written(entry.off.as_ref(), &numbered)?;
    match (on, off) {
        (Some(Some(on)), Some(off)) if Some(on) != off => Ok(format!("Input::Switch {{ on: {on}, off: {off:?} }}")),
        (None, None) if numbered.len() > 1 => Ok("Input::OneOf".to_owned()),
        _ => Err("give `on` and `off` (two different values, of which off may be \"absent\"), or two meanings and neither".to_owned()),
    }
}

/// `None`: not a switch; `Some(None)`: the value is removed.
fn written(value: Option<&Value>, meanings: &BTreeSet<u32>) -> Result<Option<Option<u32>>, String> {
    match value {
        None => Ok(None),
        Some(Value::String(word)) if word == "none" => Ok(None),
        Some(Value::String(word)) if word == "absent" => Ok(Some(None)),
        Some(Value::Integer(number)) => {
            let number = u32::try_from(*number).map_err(|e| format!("{number}: {e}"))?;
            if !meanings.contains(&number) {
                return Err(format!("{number} has no meaning in the list of meanings"));
            }
            Ok(Some(Some(number)))
        }
        Some(other) => Err(format!(
            "on and off are a number, \"absent\" or \"none\", not {other}"
        )),
    }
}

fn free_input(entry: &Entry, input: &EntryInput) -> Result<String, String> {
    if input.kind == "number" {
        let (Some(min), Some(max), Some(unit)) = (input.min, input.max, &input.unit) else {
            return Err("a number needs min, max and unit".to_owned());
        };
        if min > max || entry.kind != "REG_DWORD" {
            return Err("a number is a REG_DWORD with min not above max".to_owned());
        }
        return Ok(format!(
            "Input::Number {{ min: {min}, max: {max}, unit: {unit:?} }}"
        ));
    }
    let Some(max_length) = input.max_length.filter(|length| (1..=255).contains(length)) else {
        return Err("text needs a max_length of 1 to 255 characters".to_owned());
    };
    if entry.exportable && entry.kind != "REG_SZ" {
        return Err("text is a REG_SZ".to_owned());
    }
    Ok(format!(
        "Input::Text {{ kind: {}, max_length: {max_length} }}",
        variant("TextKind", &input.kind)?
    ))
}

/// `windows-messenger-4.x` of the enum `Client` is `Client::WindowsMessenger4`.
fn variant(of: &str, name: &str) -> Result<String, String> {
    let known: &[(&str, &str)] = match of {
        "Client" => &[
            ("msn-messenger-2.2", "MsnMessenger22"),
            ("msn-messenger-3.6", "MsnMessenger36"),
            ("windows-messenger-4.x", "WindowsMessenger4"),
            ("windows-messenger-5.x", "WindowsMessenger5"),
            ("netmeeting", "NetMeeting"),
            ("outlook-2002", "Outlook2002"),
            ("outlook-express", "OutlookExpress"),
            ("internet-explorer", "InternetExplorer"),
            ("server", "Server"),
        ],
        "Hive" => &[("HKLM", "LocalMachine"), ("HKCU", "CurrentUser")],
        "ValueKind" => &[
            ("REG_DWORD", "Dword"),
            ("REG_SZ", "Sz"),
            ("unknown", "Unknown"),
            ("none", "None"),
        ],
        "Category" => &[
            ("advertising", "Advertising"),
            ("updates", "Updates"),
            ("service-selection", "ServiceSelection"),
            ("warnings", "Warnings"),
            ("authentication", "Authentication"),
            ("directory", "Directory"),
            ("presence", "Presence"),
            ("run-control", "RunControl"),
            ("usage-reporting", "UsageReporting"),
            ("video", "Video"),
            ("file-transfer", "FileTransfer"),
            ("app-sharing", "AppSharing"),
            ("voice", "Voice"),
            ("phone", "Phone"),
            ("outlook", "Outlook"),
            ("proxy", "Proxy"),
        ],
        "Confidence" => &[
            ("documented", "Documented"),
            ("corroborated", "Corroborated"),
            ("from-memory", "FromMemory"),
        ],
        "Feature" => &[
            ("file-transfer", "FileTransfer"),
            ("voice", "Voice"),
            ("video", "Video"),
            ("phone", "Phone"),
            ("app-sharing", "AppSharing"),
            ("netmeeting", "NetMeeting"),
            ("remote-assistance", "RemoteAssistance"),
        ],
        _ => &[
            ("text", "Plain"),
            ("domain", "Domain"),
            ("proxy-server", "ProxyServer"),
            ("proxy-exceptions", "ProxyExceptions"),
            ("url", "Url"),
        ],
    };
    known
        .iter()
        .find(|(word, _)| *word == name)
        .map(|(_, variant)| format!("{of}::{variant}"))
        .ok_or_else(|| {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            format!("`{name}` is not one of {}", words.join(", "))
        })
}
