//! What is stored comes back, or an error does: never other bytes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{os::unix::fs::PermissionsExt, sync::Arc};

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{KeyOwner, TenantId};
use gridkeep_objects::{ObjectId, Objects, ObjectsError, OwnerKey, RootKeys};
use object_store::{ObjectStoreExt, memory::InMemory, path::Path};
use proptest::prelude::*;
use tempfile::TempDir;

const SEGMENT: usize = 64 * 1024;
const HEADER: usize = 145;
const TAG: usize = 16;

/// Objects in memory, whose stored bytes a test may change, and two tenants' keys.
struct World {
    runtime: tokio::runtime::Runtime,
    memory: Arc<InMemory>,
    objects: Objects,
    clock: StepClock,
    rng: SeededRng,
    keys: [(TenantId, OwnerKey); 2],
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let root = RootKeys::open(&folder.path().join("root.key")).unwrap();
        let (clock, mut rng) = (StepClock::default(), SeededRng::default());
        let mut key = || {
            let tenant = TenantId::new(&clock, &mut rng);
            (tenant, root.create(KeyOwner::Tenant(tenant)).unwrap().1)
        };
        let keys = [key(), key()];
        let memory = Arc::new(InMemory::new());
        let objects = Objects::new(memory.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self { runtime, memory, objects, clock, rng, keys }
    }

    fn id(&mut self) -> ObjectId {
        ObjectId::new("workbook", &self.clock, &mut self.rng).unwrap()
    }

    fn put(&self, tenant: usize, id: &ObjectId, content: &[u8]) {
        self.runtime.block_on(self.objects.put(&self.keys[tenant].1, id, content)).unwrap();
    }

    fn get(&self, tenant: usize, id: &ObjectId) -> Result<Option<Vec<u8>>, ObjectsError> {
        self.runtime.block_on(self.objects.get(&self.keys[tenant].1, id))
    }

    fn range(&self, id: &ObjectId, range: std::ops::Range<u64>) -> Result<Option<Vec<u8>>, ObjectsError> {
        self.runtime.block_on(self.objects.get_range(&self.keys[0].1, id, range))
    }

    fn path(&self, tenant: usize, id: &ObjectId) -> Path {
        Path::from(format!("{}/{id}", self.keys[tenant].0))
    }

    fn stored(&self, path: &Path) -> Vec<u8> {
        self.runtime.block_on(async { self.memory.get(path).await.unwrap().bytes().await.unwrap().to_vec() })
    }

    fn replace(&self, path: &Path, bytes: Vec<u8>) {
        self.runtime.block_on(self.memory.put(path, bytes.into())).unwrap();
    }
}

fn content(length: usize) -> Vec<u8> {
    let mut rng = SeededRng::new(length as u64);
    (0..length).map(|_| rng.next() as u8).collect()
}

fn is_tampered(answer: Result<Option<Vec<u8>>, ObjectsError>) {
    match answer {
        Err(ObjectsError::Tampered { .. }) => {}
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("it was read"),
    }
}

#[test]
fn files_of_every_length_come_back_whole_and_in_part() {
    let mut world = World::new();
    for length in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 17] {
        let (id, plain) = (world.id(), content(length));
        world.put(0, &id, &plain);
        assert_eq!(world.get(0, &id).unwrap().unwrap(), plain, "{length}");
        let stored = world.stored(&world.path(0, &id));
        assert_eq!(stored.len(), HEADER + length + TAG * length.div_ceil(SEGMENT).max(1));
        for start in [0, 1, SEGMENT - 1, SEGMENT, length.saturating_sub(1), length, length + 5] {
            for size in [0, 1, 2, SEGMENT, SEGMENT + 2, length] {
                let expect = &plain[start.min(length)..(start + size).min(length)];
                let found = world.range(&id, start as u64..(start + size) as u64).unwrap().unwrap();
                assert_eq!(found, expect, "{length} {start} {size}");
            }
        }
    }
    let absent = world.id();
    assert!(world.get(0, &absent).unwrap().is_none());
    assert!(world.range(&absent, 0..1).unwrap().is_none());
}

#[test]
fn swapped_reordered_and_rolled_back_files_are_noticed() {
    let mut world = World::new();
    let (id, other) = (world.id(), world.id());
    let plain = content(3 * SEGMENT);
    world.put(0, &id, &plain);
    world.put(0, &other, &content(3 * SEGMENT + 1));
    world.put(1, &id, &plain);
    world.put(0, &id.next(), b"newer");
    let path = world.path(0, &id);
    let stored = world.stored(&path);
    let check = |bytes: Vec<u8>| {
        world.replace(&path, bytes);
        is_tampered(world.get(0, &id));
        is_tampered(world.range(&id, 0..3 * SEGMENT as u64));
    };
    // Another file, another tenant's, another version of the same file.
    check(world.stored(&world.path(0, &other)));
    check(world.stored(&world.path(1, &id)));
    check(world.stored(&world.path(0, &id.next())));
    // Two segments exchanged, one repeated, one of another file, the last one dropped.
    let segment = |number: usize| HEADER + number * (SEGMENT + TAG)..HEADER + (number + 1) * (SEGMENT + TAG);
    let mut bytes = stored[..HEADER].to_vec();
    for number in [1, 0, 2] {
        bytes.extend_from_slice(&stored[segment(number)]);
    }
    check(bytes);
    let mut bytes = stored.clone();
    bytes.copy_within(segment(0), segment(1).start);
    check(bytes);
    let mut bytes = stored.clone();
    bytes[segment(1)].copy_from_slice(&world.stored(&world.path(0, &other))[segment(1)]);
    check(bytes);
    check(stored[..segment(1).end].to_vec());
    check([&stored[..], &stored[segment(2)]].concat());
    // The old version in the place of the new one.
    world.replace(&world.path(0, &id.next()), stored.clone());
    is_tampered(world.get(0, &id.next()));
    world.replace(&path, stored);
    assert_eq!(world.get(0, &id).unwrap().unwrap(), plain);
    // What is stored under an id stays.
    let again = world.runtime.block_on(world.objects.put(&world.keys[0].1, &id, b"other"));
    assert!(matches!(again, Err(ObjectsError::Store(object_store::Error::AlreadyExists { .. }))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_changed_byte_and_no_cut_goes_unnoticed(
        length in prop_oneof![0_usize..300, SEGMENT - 2..SEGMENT + 2, 2 * SEGMENT - 2..2 * SEGMENT + 300],
        place in any::<prop::sample::Index>(),
        flip in 1_u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut world = World::new();
        let (id, plain) = (world.id(), content(length));
        world.put(0, &id, &plain);
        let path = world.path(0, &id);
        let stored = world.stored(&path);
        let mut changed = stored.clone();
        changed[place.index(stored.len())] ^= flip;
        world.replace(&path, changed);
        is_tampered(world.get(0, &id));
        // A part without the changed byte may be read, and is what was stored; the header is in every part.
        if let Ok(part) = world.range(&id, 0..1) {
            prop_assert_eq!(part.unwrap(), &plain[..length.min(1)]);
            prop_assert!(place.index(stored.len()) >= HEADER);
        }
        world.replace(&path, stored[..cut.index(stored.len())].to_vec());
        is_tampered(world.get(0, &id));
    }
}

#[tokio::test]
async fn a_folder_keeps_files_and_gives_them_up() {
    let folder = TempDir::new().unwrap();
    let root = RootKeys::open(&folder.path().join("root.key")).unwrap();
    let objects = Objects::local(&folder.path().join("objects")).unwrap();
    let (clock, mut rng) = (StepClock::default(), SeededRng::default());
    let tenant = TenantId::new(&clock, &mut rng);
    let (wrapped, key) = root.create(KeyOwner::Tenant(tenant)).unwrap();
    let id = ObjectId::new("workbook", &clock, &mut rng).unwrap();
    let plain = [content(SEGMENT), b"top secret".to_vec()].concat();
    objects.put(&key, &id, &plain).await.unwrap();
    objects.put(&key, &id.next(), b"").await.unwrap();

    // Opened again, as after a restart.
    let root = RootKeys::open(&folder.path().join("root.key")).unwrap();
    let key = root.unwrap(KeyOwner::Tenant(tenant), &wrapped).unwrap();
    let objects = Objects::local(&folder.path().join("objects")).unwrap();
    let file = folder.path().join(format!("objects/{tenant}/{id}"));
    let stored = std::fs::read(&file).unwrap();
    assert!(!stored.windows(10).any(|window| window == b"top secret"));
    assert_eq!(objects.get(&key, &id).await.unwrap().unwrap(), plain);
    assert_eq!(objects.get_range(&key, &id, SEGMENT as u64..1 << 40).await.unwrap().unwrap(), b"top secret");
    for length in [HEADER + SEGMENT + TAG, HEADER + 5, HEADER, 7, 0] {
        std::fs::write(&file, &stored[..length]).unwrap();
        is_tampered(objects.get(&key, &id).await);
        let end = plain.len() as u64;
        assert!(objects.get_range(&key, &id, end - 3..end).await.is_err(), "{length}");
    }
    let mut listed = objects.list(tenant).await.unwrap();
    listed.sort_by_key(ObjectId::version);
    assert_eq!(listed, [id.clone(), id.next()]);
    assert_eq!(listed[0].created().unwrap().as_millisecond() / 1_000, 1_767_225_600);
    objects.delete(tenant, &id).await.unwrap();
    objects.delete(tenant, &id).await.unwrap();
    assert!(objects.get(&key, &id).await.unwrap().is_none());
    objects.erase(tenant).await.unwrap();
    assert!(objects.get(&key, &id.next()).await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_crash_left_half_stored_is_found_and_given_up() {
    let folder = TempDir::new().unwrap();
    let root = RootKeys::open(&folder.path().join("root.key")).unwrap();
    let objects = Objects::local(folder.path()).unwrap();
    let (clock, mut rng) = (StepClock::default(), SeededRng::default());
    let tenant = TenantId::new(&clock, &mut rng);
    let (_, key) = root.create(KeyOwner::Tenant(tenant)).unwrap();
    assert_eq!(objects.unfinished(tenant).unwrap(), []);
    let id = |rng: &mut SeededRng| ObjectId::new("workbook", &clock, rng).unwrap();
    let (whole, lost, other) = (id(&mut rng), id(&mut rng), id(&mut rng));
    objects.put(&key, &whole, b"top secret").await.unwrap();
    let place = |id: &ObjectId, end: &str| folder.path().join(format!("{tenant}/{id}{end}"));
    std::fs::create_dir_all(place(&lost, "").parent().unwrap()).unwrap();
    // As the object store names its drafts; the third is no draft of ours.
    for path in [place(&whole, "#1"), place(&lost, "#12"), place(&whole, "#notes")] {
        std::fs::write(path, b"top").unwrap();
    }

    let mut found = objects.unfinished(tenant).unwrap();
    found.sort_by_key(|draft| draft.id.created());
    assert_eq!(found.iter().map(|draft| &draft.id).collect::<Vec<_>>(), [&whole, &lost]);
    for draft in &found {
        objects.discard(draft).unwrap();
        objects.discard(draft).unwrap();
    }
    assert_eq!(objects.unfinished(tenant).unwrap(), []);
    assert!(!place(&lost, "").parent().unwrap().exists());
    assert_eq!(objects.get(&key, &whole).await.unwrap().unwrap(), b"top secret");

    std::fs::create_dir_all(place(&other, "").parent().unwrap()).unwrap();
    std::fs::write(place(&other, "#1"), b"top").unwrap();
    objects.erase(tenant).await.unwrap();
    assert_eq!(objects.unfinished(tenant).unwrap(), []);
    assert_eq!(Objects::new(Arc::new(InMemory::new())).unfinished(tenant).unwrap(), []);
}

#[test]
fn keys_open_for_their_owner_and_survive_a_new_root_key() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("root.key");
    let mut root = RootKeys::open(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let (clock, mut rng) = (StepClock::default(), SeededRng::default());
    let mut owner = || KeyOwner::Tenant(TenantId::new(&clock, &mut rng));
    let (ann, bob) = (owner(), owner());
    let (wrapped, key) = root.create(ann).unwrap();
    let secret = |key: &OwnerKey| {
        use secrecy::ExposeSecret;
        *key.database_key().unwrap().expose_secret()
    };
    assert_eq!(secret(&root.unwrap(ann, &wrapped).unwrap()), secret(&key));
    assert_ne!(secret(&root.create(ann).unwrap().1), secret(&key));
    for stranger in [bob, KeyOwner::Control] {
        assert!(matches!(root.unwrap(stranger, &wrapped), Err(ObjectsError::WrongKey)));
    }
    for index in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[index] ^= 1;
        assert!(root.unwrap(ann, &changed).is_err(), "{index}");
        assert!(root.unwrap(ann, &wrapped[..index]).is_err(), "{index}");
    }

    // A new root key: the old one still opens, until everything is rewrapped and it is forgotten.
    root.rotate().unwrap();
    assert!(!root.is_current(&wrapped));
    let rewrapped = root.rewrap(ann, &wrapped).unwrap();
    assert!(root.is_current(&rewrapped));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut again = RootKeys::open(&path).unwrap();
    assert_eq!(secret(&again.unwrap(ann, &wrapped).unwrap()), secret(&key));
    again.forget().unwrap();
    let last = RootKeys::open(&path).unwrap();
    assert!(last.unwrap(ann, &wrapped).is_err());
    assert_eq!(secret(&last.unwrap(ann, &rewrapped).unwrap()), secret(&key));
}

#[test]
fn a_key_file_others_may_read_or_that_is_damaged_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("root.key");
    drop(RootKeys::open(&path).unwrap());
    let text = std::fs::read_to_string(&path).unwrap();
    for mode in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(RootKeys::open(&path), Err(ObjectsError::Permissions { .. })), "{mode:o}");
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    for damaged in [
        "",
        "gridkeep root keys 1\n",
        &text[..40],
        &text.replace("gridkeep", "other"),
        &format!("{text}xyz\n"),
    ] {
        std::fs::write(&path, damaged).unwrap();
        assert!(matches!(RootKeys::open(&path), Err(ObjectsError::KeyFile { .. })), "{damaged:?}");
    }
    // A damaged key file is never replaced by a new key.
    assert!(std::fs::read_to_string(&path).unwrap().ends_with("xyz\n"));
}

#[test]
fn ids_are_written_in_one_way() {
    let good = "workbook/019b7a4e-6000-7000-8000-000000000001/1";
    assert_eq!(good.parse::<ObjectId>().unwrap().to_string(), good);
    for bad in [
        "",
        "workbook/019b7a4e-6000-7000-8000-000000000001",
        "workbook/019b7a4e-6000-7000-8000-000000000001/0",
        "workbook/019b7a4e-6000-7000-8000-000000000001/01",
        "workbook/019B7A4E-6000-7000-8000-000000000001/1",
        "workbook/019b7a4e600070008000000000000001/1",
        "../019b7a4e-6000-7000-8000-000000000001/1",
        "work book/019b7a4e-6000-7000-8000-000000000001/1",
        "workbook/019b7a4e-6000-7000-8000-000000000001/1/2",
    ] {
        assert!(bad.parse::<ObjectId>().is_err(), "{bad}");
    }
}

#[test]
fn a_file_that_comes_in_pieces_is_the_same_file() {
    let mut world = World::new();
    let check = |world: &mut World, length: usize, piece: usize| {
        let (id, content) = (world.id(), content(length));
        let key = &world.keys[0].1;
        world.runtime.block_on(async {
            let mut writer = world.objects.begin(key, &id, length as u64).await.unwrap();
            for piece in content.chunks(piece) {
                writer.write(piece).await.unwrap();
            }
            writer.finish().await.unwrap();
        });
        assert!(world.get(0, &id).unwrap() == Some(content.clone()), "{length} {piece}");
        let end = world.range(&id, length.saturating_sub(3) as u64..length as u64).unwrap();
        assert_eq!(end, Some(content[length.saturating_sub(3)..].to_vec()));
    };
    let part = 96 * SEGMENT;
    for length in [0, 1, SEGMENT, SEGMENT + 1, part - 1, part, part + 1, 2 * part, 2 * part + 7] {
        check(&mut world, length, 100_003);
        check(&mut world, length, usize::MAX);
    }
    check(&mut world, 5_000, 1);
    // What is shorter or longer than was said never was.
    for given in [&b"four"[..], b"sixsix"] {
        let id = world.id();
        let key = &world.keys[0].1;
        let ended = world.runtime.block_on(async {
            let mut writer = world.objects.begin(key, &id, 5).await.unwrap();
            writer.write(given).await?;
            writer.finish().await
        });
        assert!(matches!(ended, Err(ObjectsError::Length)), "{ended:?}");
        assert_eq!(world.get(0, &id).unwrap(), None);
    }
}
