//! Keeps the memory that `--memory` names: reads it before an inventory is judged, and writes what a scan showed.
//! Two that write at once lose nothing: each writes only over what it has read, and else reads again.

use std::io::Write;
use std::path::Path;

use super::connect::Place;
use super::failure::Failure;
use crate::inventory::Inventory;
use crate::memory::{Memory, ObjectPlace};
use crate::model::AccountId;

/// How often a memory is read anew where somebody else writes it.
const TRIES: usize = 5;

/// Tells the things of an inventory since when they have stood.
pub(super) async fn recall(path: &str, place: &Place, inventory: &mut Inventory) -> Result<(), Failure> {
    let account = inventory.caller.account.clone();
    let memory = match at(path)? {
        Store::Object(at) => read(path, object(path, &at, place).await?.map(|(bytes, _)| bytes), &account)?,
        Store::File(file) => read(path, contents(file)?, &account)?,
    };
    memory.remind(inventory);
    Ok(())
}

/// Remembers what an inventory shows.
pub(super) async fn remember(path: &str, place: &Place, inventory: &Inventory) -> Result<(), Failure> {
    let account = &inventory.caller.account;
    let at = match at(path)? {
        Store::Object(at) => at,
        Store::File(file) => {
            let lock = locked(file)?;
            let mut memory = read(path, contents(file)?, account)?;
            memory.learn(inventory);
            write(file, &memory.text()).map_err(|error| Failure::file("write", file, &error))?;
            drop(lock);
            return Ok(());
        }
    };
    for _ in 0..TRIES {
        let (bytes, mark) = object(path, &at, place).await?.unzip();
        let mut memory = read(path, bytes, account)?;
        memory.learn(inventory);
        let written = place.session.replace(&at, memory.text().into_bytes(), mark.as_deref()).await;
        if written.map_err(|error| trouble(path, "written", &error.to_string()))? {
            return Ok(());
        }
    }
    Err(trouble(path, "written", "somebody else writes it all the time"))
}

/// Where a memory is kept.
enum Store<'a> {
    Object(ObjectPlace),
    File(&'a Path),
}

fn at(path: &str) -> Result<Store<'_>, Failure> {
    match ObjectPlace::of(path) {
        Some(at) => Ok(Store::Object(at)),
        None if path.starts_with("s3://") => {
            Err(Failure::usage(format!("{path} names no object of a bucket"))
                .hint("a memory is one object: s3://BUCKET/KEY"))
        }
        None => Ok(Store::File(Path::new(path))),
    }
}

async fn object(path: &str, at: &ObjectPlace, place: &Place) -> Result<Option<(Vec<u8>, String)>, Failure> {
    place.session.object(at).await.map_err(|error| trouble(path, "read", &error.to_string()))
}

fn contents(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file("read", path, &error)),
    }
}

/// The lock of a memory, held until it is dropped.
fn locked(path: &Path) -> Result<std::fs::File, Failure> {
    let lock = beside(path, ".lock");
    let failed = |error| Failure::file("lock", &lock, &error);
    let file = std::fs::File::create(&lock).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// Replaces the file as a whole: whoever reads it meanwhile reads the old one.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let new = beside(path, ".new");
    let mut file = std::fs::File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

fn beside(path: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn read(path: &str, bytes: Option<Vec<u8>>, account: &AccountId) -> Result<Memory, Failure> {
    let Some(bytes) = bytes else { return Ok(Memory::new(account)) };
    Memory::read(&bytes, account).map_err(|error| trouble(path, "used", &error.to_string()))
}

fn trouble(path: &str, what: &str, why: &str) -> Failure {
    Failure::usage(format!("the memory {path} cannot be {what}: {why}"))
        .hint("name another with --memory, or leave it out: then ages are known only where AWS tells them")
}
