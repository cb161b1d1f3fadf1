//! Writing AWS's XML answers, and picking a text out of one again.
//!
//! Not an XML parser: what is picked apart was written here.

use std::fmt::Display;

use crate::tags::Tags;

/// A piece of XML that is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Xml {
    out: String,
}

impl Xml {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// XML that was written elsewhere.
    pub fn written(out: String) -> Self {
        Self { out }
    }

    /// What was written.
    pub fn as_str(&self) -> &str {
        &self.out
    }

    /// `<name>value</name>`.
    pub fn text(&mut self, name: &str, value: impl Display) -> &mut Self {
        let value = escape(&value.to_string());
        self.out.push_str(&format!("<{name}>{value}</{name}>"));
        self
    }

    /// `<name>value</name>`, if there is a value.
    pub fn maybe(&mut self, name: &str, value: Option<impl Display>) -> &mut Self {
        if let Some(value) = value {
            self.text(name, value);
        }
        self
    }

    /// `<name>…</name>` around what `inside` writes.
    pub fn node(&mut self, name: &str, inside: impl FnOnce(&mut Xml)) -> &mut Self {
        self.out.push_str(&format!("<{name}>"));
        inside(self);
        self.out.push_str(&format!("</{name}>"));
        self
    }

    /// EC2's lists: `<name><item>…</item>…</name>`.
    pub fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        each: impl FnMut(&mut Xml, T),
    ) -> &mut Self {
        self.repeated(name, "item", items, each)
    }

    /// The lists of IAM, STS and load balancing: `<name><member>…</member>…</name>`.
    pub fn members<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        each: impl FnMut(&mut Xml, T),
    ) -> &mut Self {
        self.repeated(name, "member", items, each)
    }

    /// A list of plain texts: `<name><item>text</item>…</name>`.
    pub fn texts<T: Display>(&mut self, name: &str, items: impl IntoIterator<Item = T>) -> &mut Self {
        self.node(name, |list| {
            for item in items {
                list.text("item", item);
            }
        })
    }

    /// A list of plain texts: `<name><member>text</member>…</name>`.
    pub fn member_texts<T: Display>(&mut self, name: &str, items: impl IntoIterator<Item = T>) -> &mut Self {
        self.node(name, |list| {
            for item in items {
                list.text("member", item);
            }
        })
    }

    /// EC2's tags: `<tagSet><item><key>…</key><value>…</value></item>…</tagSet>`.
    pub fn tags(&mut self, tags: &Tags) -> &mut Self {
        self.list("tagSet", tags, |item, (key, value)| {
            item.text("key", key).text("value", value);
        })
    }

    fn repeated<T>(
        &mut self,
        name: &str,
        item_name: &str,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Xml, T),
    ) -> &mut Self {
        self.node(name, |list| {
            for item in items {
                list.node(item_name, |inside| each(inside, item));
            }
        })
    }
}

/// The whole answer of an EC2 operation.
pub fn ec2_answer(action: &str, namespace: &str, request_id: &str, inner: &Xml) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{action}Response xmlns=\"{namespace}\">\
         <requestId>{request_id}</requestId>{}</{action}Response>",
        inner.as_str()
    )
}

/// The whole answer of an IAM, STS or load-balancing operation.
pub fn query_answer(action: &str, namespace: &str, request_id: &str, inner: &Xml) -> String {
    format!(
        "<{action}Response xmlns=\"{namespace}\"><{action}Result>{}</{action}Result>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>",
        inner.as_str()
    )
}

/// The texts of every element of this name that holds only text, in the order written.
pub fn texts_of(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let text_before_close = |piece: &str| {
        let text = &piece[..piece.find(&close)?];
        (!text.contains('<')).then(|| unescape(text))
    };
    xml.split(&open).skip(1).filter_map(text_before_close).collect()
}

/// The text of the first element of this name that holds only text.
pub fn text_of(xml: &str, name: &str) -> Option<String> {
    texts_of(xml, name).into_iter().next()
}

/// Text made safe to stand between tags. Control characters that XML 1.0 forbids are dropped.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // A parser would turn a bare carriage return into a line feed.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(character),
            control if control < ' ' => {}
            other => out.push(other),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#13;", "\r")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_writing_and_picking() {
        let odd = "a<b>&'\"c\r\n&amp;";
        let mut xml = Xml::new();
        xml.list("tagSet", [odd], |item, text| {
            item.text("key", text);
        });
        assert_eq!(texts_of(xml.as_str(), "key"), [odd]);
    }

    #[test]
    fn elements_that_hold_elements_are_not_picked_as_text() {
        let mut xml = Xml::new();
        xml.node("a", |a| {
            a.text("b", 1).text("b", 2);
        });
        assert_eq!(text_of(xml.as_str(), "a"), None);
        assert_eq!(texts_of(xml.as_str(), "b"), ["1", "2"]);
    }
}
