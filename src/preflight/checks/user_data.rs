//! What the user data of a launch template is, as far as a node's joining depends on it. It may hold
//! secrets: nothing of it leaves this file but the names of settings.

use toml::Table;

use crate::deployment::unresolved;

/// What user data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UserData {
    /// Bottlerocket's TOML; with those of its three settings that are missing or empty.
    Bottlerocket(Vec<&'static str>),
    /// Meant as Bottlerocket's TOML, and none; with the line of the error, from 1, where it is known.
    BrokenToml(Option<usize>),
    /// Text with an output of a program that was not resolved.
    Unresolved,
    /// A script or cloud-init data, in MIME parts or alone.
    Script(Script),
    /// Compressed, or not text.
    Unreadable,
    /// Something else.
    Other,
}

/// What a script does for the node to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script {
    /// Whether it stands in MIME parts.
    pub is_mime: bool,
    /// Whether it calls what joins a cluster: `bootstrap.sh`, nodeadm's `NodeConfig`, Windows's `Start-EKSBootstrap`.
    pub joins: bool,
    /// What its `NodeConfig` would have to say of the cluster and does not.
    pub missing: Vec<&'static str>,
}

/// What a Bottlerocket node needs to know of its cluster:
/// <https://bottlerocket.dev/en/os/latest/#/api/settings/kubernetes/>
const SETTINGS: [&str; 3] = ["api-server", "cluster-certificate", "cluster-name"];

/// What joins an EKS optimized node to its cluster:
/// <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-custom-ami>
const JOINING: [&str; 5] = ["bootstrap.sh", "node.eks.aws", "NodeConfig", "nodeadm", "Start-EKSBootstrap"];

/// What nodeadm refuses to start without, and looks up nowhere:
/// <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-custom-ami>. The
/// cluster's name is left out: other things have a `name` as well.
const NODE_CONFIG: [&str; 3] = ["apiServerEndpoint", "certificateAuthority", "cidr"];

/// Reads user data, as text or as its base64 form.
pub(super) fn read(text: &str) -> UserData {
    match decode(text) {
        Some(bytes) => match String::from_utf8(bytes) {
            Ok(text) => of_text(&text),
            Err(_) => UserData::Unreadable,
        },
        None => of_text(text),
    }
}

/// Whether it is in the base64 form in which launch templates take it.
pub(super) fn is_base64(text: &str) -> bool {
    decode(text).is_some()
}

/// The text that stands in base64 form, if it is one.
pub(super) fn decoded(text: &str) -> Option<String> {
    String::from_utf8(decode(text)?).ok()
}

fn of_text(text: &str) -> UserData {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if unresolved::word_in_name(text).is_some() {
        return UserData::Unresolved;
    }
    let lower: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    let is_mime = lower.starts_with("mime-version:") || lower.starts_with("content-type: multipart");
    let begins = ["#!", "#cloud-config", "<powershell>", "<script>", "apiversion: node.eks.aws", "---"];
    if is_mime || begins.iter().any(|begin| lower.starts_with(begin)) {
        return match with_parts(text) {
            Some(text) => UserData::Script(script(&text, is_mime)),
            None => UserData::Unreadable,
        };
    }
    match text.parse::<Table>() {
        Ok(table) if table.contains_key("settings") => UserData::Bottlerocket(missing(&table)),
        Ok(_) => UserData::Other,
        Err(error) if text.contains("[settings") || text.contains("settings.") => {
            let line =
                error.span().map(|span| text.bytes().take(span.start).filter(|it| *it == b'\n').count() + 1);
            UserData::BrokenToml(line)
        }
        Err(_) => UserData::Other,
    }
}

/// MIME data with what its parts hold in base64 behind it; `None` where that is no text.
fn with_parts(text: &str) -> Option<String> {
    let mut whole = text.to_owned();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let header = line.to_ascii_lowercase().replace(' ', "");
        if header == "content-transfer-encoding:base64" {
            // An empty line ends the headers, a boundary the part.
            let body = lines.by_ref().skip_while(|line| !line.trim().is_empty());
            let part: String = body.take_while(|line| !line.starts_with("--")).collect();
            whole.push('\n');
            whole.push_str(&String::from_utf8(decode(&part)?).ok()?);
        }
    }
    Some(whole)
}

fn script(text: &str, is_mime: bool) -> Script {
    let lines = || text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let holds = |word: &str| lines().any(|line| line.contains(word));
    let is_set = |name: &&str| {
        lines().filter_map(|line| line.split_once(*name)).any(|(_, value)| {
            !value.trim_matches(|letter: char| letter.is_whitespace() || "\"':,".contains(letter)).is_empty()
        })
    };
    let missing = match holds("NodeConfig") && !holds("bootstrap.sh") {
        true => NODE_CONFIG.into_iter().filter(|name| !is_set(name)).collect(),
        false => Vec::new(),
    };
    Script { is_mime, joins: JOINING.into_iter().any(holds), missing }
}

fn missing(table: &Table) -> Vec<&'static str> {
    let kubernetes = table.get("settings").and_then(|it| it.get("kubernetes"));
    let is_set = |name: &str| {
        let value = kubernetes.and_then(|it| it.get(name)).and_then(toml::Value::as_str);
        value.is_some_and(|value| !value.trim().is_empty())
    };
    SETTINGS.into_iter().filter(|name| !is_set(name)).collect()
}

/// Base64 with padding, blanks and line ends aside (RFC 4648); `None` where the text is none. AWS asks for
/// the padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if digits.is_empty() || !digits.len().is_multiple_of(4) {
        return None;
    }
    let padding = digits.iter().rev().take_while(|byte| **byte == b'=').count();
    if padding > 2 {
        return None;
    }
    let (data, _) = digits.split_at(digits.len() - padding);
    let mut bytes = Vec::with_capacity(data.len() * 3 / 4);
    for group in data.chunks(4) {
        let mut bits = 0_u32;
        for digit in group {
            bits = bits << 6 | u32::from(sextet(*digit)?);
        }
        bits <<= 6 * (4 - group.len());
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend([first, second, third].into_iter().take(group.len() - 1));
    }
    Some(bytes)
}

const fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "[settings.kubernetes]\napi-server = \"https://x\"\ncluster-certificate = \"Yg==\"\ncluster-name = \"shop\"\n";

    #[test]
    fn base64_is_decoded_as_rfc_4648_says() {
        for (text, bytes) in [("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9v\nYmFy", "foobar")] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for text in ["", "Zg", "Zg=", "Z===", "Zm9v!", "Zg==Zg=="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn bottlerocket_data_misses_what_is_absent_empty_or_elsewhere() {
        assert_eq!(read(WHOLE), UserData::Bottlerocket(vec![]));
        assert_eq!(read("[settings.host]\nx = 1"), UserData::Bottlerocket(SETTINGS.to_vec()));
        let empty = WHOLE.replace("https://x", " ");
        assert_eq!(read(&empty), UserData::Bottlerocket(vec!["api-server"]));
        let elsewhere = "[settings.kubernetes.node]\napi-server = \"a\"\ncluster-certificate = \"b\"\ncluster-name = \"c\"";
        assert_eq!(read(elsewhere), UserData::Bottlerocket(SETTINGS.to_vec()));
        let in_a_comment =
            "[settings.kubernetes]\n# api-server = \"a\"\ncluster-certificate = \"b\"\ncluster-name = \"c\"";
        assert_eq!(read(in_a_comment), UserData::Bottlerocket(vec!["api-server"]));
    }

    #[test]
    fn broken_toml_is_told_by_its_line_alone() {
        assert_eq!(read("[settings.kubernetes]\napi-server = https"), UserData::BrokenToml(Some(2)));
    }

    #[test]
    fn scripts_are_told_by_how_they_begin() {
        let of = |text: &str| match read(text) {
            UserData::Script(script) => Some((script.is_mime, script.joins)),
            _ => None,
        };
        assert_eq!(of("#!/bin/bash\n/etc/eks/bootstrap.sh shop"), Some((false, true)));
        assert_eq!(of("#!/bin/bash\nyum update"), Some((false, false)));
        assert_eq!(
            of("MIME-Version: 1.0\nContent-Type: multipart/mixed\n\nkind: NodeConfig"),
            Some((true, true))
        );
        assert_eq!(
            of("#!/bin/bash\n  # never call bootstrap.sh"),
            Some((false, false)),
            "a comment calls nothing"
        );
        assert_eq!(of("IyEvYmluL2Jhc2gK"), Some((false, false)), "the base64 form of a script");
        assert_eq!(of("hello"), None);
        assert_eq!(read("H4sIAAAAAAAA/w=="), UserData::Unreadable, "compressed");
    }
    const NODE: &str = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: shop\n    apiServerEndpoint: https://x\n    certificateAuthority: Yg==\n    cidr: 10.100.0.0/16\n";

    #[test]
    fn a_node_config_misses_what_it_does_not_set() {
        let of = |text: &str| match read(text) {
            UserData::Script(script) => script.missing,
            other => panic!("{other:?}"),
        };
        let none: Vec<&str> = Vec::new();
        assert_eq!(of(NODE), none);
        assert_eq!(of("---\nkind: NodeConfig\nspec:\n  kubelet: {}"), NODE_CONFIG.to_vec());
        assert_eq!(of(&NODE.replace("https://x", "\"\"")), ["apiServerEndpoint"]);
        assert_eq!(of(&NODE.replace("    cidr", "    # cidr")), ["cidr"]);
        let json = "---\n{\"kind\":\"NodeConfig\",\"spec\":{\"cluster\":{\"apiServerEndpoint\":\"x\",\"certificateAuthority\":\"Yg==\",\"cidr\":\"10.0.0.0/8\"}}}";
        assert_eq!(of(json), none);
        let parts = format!(
            "MIME-Version: 1.0\n\n--x\n\n{NODE}\n--x\n\nkind: NodeConfig\nspec: {{ kubelet: {{}} }}\n--x--"
        );
        assert_eq!(of(&parts), none, "nodeadm merges what the parts say");
        assert_eq!(of("#!/bin/bash\n/etc/eks/bootstrap.sh shop"), none, "no NodeConfig");
    }

    #[test]
    fn a_mime_part_in_base64_is_read() {
        let of = |part: &str| {
            read(&format!(
                "Content-Type: multipart/mixed; boundary=\"b\"\nMIME-Version: 1.0\n\n--b\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n{part}\n--b--\n"
            ))
        };
        let script = |joins| UserData::Script(Script { is_mime: true, joins, missing: Vec::new() });
        // `#!/bin/bash`, a line end, `/etc/eks/bootstrap.sh shop`
        assert_eq!(of("IyEvYmluL2Jhc2gKL2V0Yy9la3Mv\nYm9vdHN0cmFwLnNoIHNob3A="), script(true));
        assert_eq!(of("IyEvYmluL2Jhc2gK"), script(false));
        assert_eq!(of("H4sIAAAAAAAA/w=="), UserData::Unreadable, "compressed");
    }
}
