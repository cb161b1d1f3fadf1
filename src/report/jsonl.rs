//! JSON Lines for `-o jsonl`: one resource of a scan, or one step of a plan, per line.

use serde::Serialize;

/// These, one per line.
pub fn lines<T: Serialize>(items: impl IntoIterator<Item = T>) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for item in items {
        text.push_str(&super::json::line(&item)?);
    }
    Ok(text)
}
