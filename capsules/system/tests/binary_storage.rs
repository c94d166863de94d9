//! The storage for images that come in pieces, as a driver that loads apps for others sees it.

use std::cell::{Cell, RefCell};

use capsules_system::binary_storage::MemoryBinaryStorage;
use chip_fake::{self as fake, leak};
use kernel::{
    ErrorCode,
    capabilities::ProcessStartCapability,
    create_capability,
    deferred_call::DeferredCallClient,
    dynamic_binary_storage::{
        DynamicBinaryStore, DynamicBinaryStoreClient, DynamicProcessLoad, DynamicProcessLoadClient,
        DynamicProcessUnload, DynamicProcessUnloadClient,
    },
    process::{ProcessLoadError, ShortId},
    utilities::leasable_buffer::SubSliceMut,
};

/// Notes each callback, and keeps the buffer that comes back.
#[derive(Default)]
struct Client {
    heard: RefCell<Vec<String>>,
    buffer: Cell<Option<&'static mut [u8]>>,
}

impl Client {
    fn hear(&self, what: String) {
        self.heard.borrow_mut().push(what);
    }
}

impl DynamicBinaryStoreClient for Client {
    fn setup_done(&self, result: Result<(), ErrorCode>) {
        self.hear(format!("setup {result:?}"));
    }

    fn write_done(&self, result: Result<(), ErrorCode>, buffer: &'static mut [u8], length: usize) {
        self.buffer.set(Some(buffer));
        self.hear(format!("write {result:?} {length}"));
    }

    fn finalize_done(&self, result: Result<(), ErrorCode>) {
        self.hear(format!("finalize {result:?}"));
    }

    fn abort_done(&self, result: Result<(), ErrorCode>) {
        self.hear(format!("abort {result:?}"));
    }
}

impl DynamicProcessLoadClient for Client {
    fn load_done(&self, result: Result<(), ProcessLoadError>) {
        let result = match result {
            Err(ProcessLoadError::BinaryError(_)) => "binary error".into(),
            other => format!("{other:?}"),
        };
        self.hear(format!("load {result}"));
    }
}

impl DynamicProcessUnloadClient for Client {
    fn unload_done(&self, result: Result<(), ErrorCode>, app_handle: usize) {
        self.hear(format!("unload {result:?} {app_handle}"));
    }
}

struct Bench {
    machine: fake::Machine,
    storage: &'static dyn Storage,
    client: &'static Client,
}

trait Storage: DynamicBinaryStore + DynamicProcessLoad + DynamicProcessUnload {}

impl<C: ProcessStartCapability> Storage for MemoryBinaryStorage<C> {}

impl Bench {
    fn new() -> Self {
        let machine = fake::Machine::with_room_for(4, 64);
        let right = create_capability!(ProcessStartCapability);
        let storage = &*leak(MemoryBinaryStorage::new(machine.processes(), right));
        storage.register();
        let client = &*leak(Client::default());
        client.buffer.set(Some(leak([0; 256])));
        storage.set_storage_client(client);
        storage.set_load_client(client);
        storage.set_unload_client(client);
        Self {
            machine,
            storage,
            client,
        }
    }

    /// What the client has heard since.
    fn heard(&self) -> Vec<String> {
        self.machine.run();
        self.client.heard.take()
    }

    /// Writes as many bytes as the client's buffer has room for.
    fn write(&self, bytes: &[u8], offset: usize) -> Result<(), ErrorCode> {
        let mut buffer = SubSliceMut::new(self.client.buffer.take().unwrap());
        buffer.slice(..bytes.len());
        buffer.as_mut_slice().copy_from_slice(bytes);
        self.storage.write(buffer, offset)
    }

    /// Writes all of `image`, from its end to its start.
    fn write_all(&self, image: &[u8]) {
        assert_eq!(self.storage.setup(image.len()), Ok(image.len()));
        assert_eq!(self.heard(), ["setup Ok(())"]);
        for (number, piece) in image.chunks(256).enumerate().rev() {
            assert_eq!(self.write(piece, 256 * number), Ok(()));
            let len_bytes = piece.len();
            assert_eq!(self.heard(), [format!("write Ok(()) {len_bytes}")]);
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.machine
            .processes()
            .each(|process| names.push(process.get_process_name().to_owned()));
        names
    }
}

fn image(name: &str) -> Vec<u8> {
    fake::image(name).short_id(7).build()
}

fn app_id() -> ShortId {
    ShortId::from(core::num::NonZeroU32::new(7))
}

#[test]
fn an_app_that_comes_in_pieces_is_started_and_removed() {
    let bench = Bench::new();
    let free = bench.machine.processes().pool().largest_bytes();
    bench.write_all(&image("arrival"));
    assert_eq!(bench.storage.finalize(), Ok(()));
    assert_eq!(bench.heard(), ["finalize Ok(())"]);
    assert!(bench.names().is_empty());
    assert_eq!(bench.storage.load(), Ok(()));
    assert!(bench.names().is_empty(), "nothing happens inside the call");
    assert_eq!(bench.heard(), ["load Ok(())"]);
    assert_eq!(bench.names(), ["arrival"]);
    assert_eq!(bench.storage.unload(app_id()), Ok(()));
    assert_eq!(bench.heard(), ["unload Ok(()) 0"]);
    assert!(bench.names().is_empty());
    assert_eq!(bench.storage.unload(app_id()), Err(ErrorCode::INVAL));
    assert_eq!(bench.machine.processes().pool().largest_bytes(), free);
}

#[test]
fn a_step_without_the_one_before_is_refused() {
    let bench = Bench::new();
    let storage = bench.storage;
    let invalid = Err(ErrorCode::INVAL);
    assert_eq!((storage.finalize(), storage.abort()), (invalid, invalid));
    assert_eq!(storage.load(), invalid);
    bench.write_all(&image("early"));
    assert_eq!(storage.load(), invalid);
    assert_eq!(storage.setup(1), Err(ErrorCode::INVAL));
    assert_eq!(storage.finalize(), Ok(()));
    assert_eq!(bench.heard(), ["finalize Ok(())"]);
    assert_eq!(storage.finalize(), invalid);
    assert_eq!(bench.write(&[1], 0), invalid);
    assert_eq!(bench.heard(), [""; 0]);
}

#[test]
fn what_is_asked_before_the_callback_has_come_is_refused() {
    let bench = Bench::new();
    let storage = bench.storage;
    let busy = Err(ErrorCode::BUSY);
    storage.setup(64).unwrap();
    assert_eq!(storage.setup(64), Err(ErrorCode::BUSY));
    assert_eq!((storage.finalize(), storage.abort()), (busy, busy));
    assert_eq!((storage.load(), storage.unload(app_id())), (busy, busy));
    assert_eq!(bench.heard(), ["setup Ok(())"]);
}

#[test]
fn an_image_that_is_given_up_leaves_its_memory() {
    let bench = Bench::new();
    let free = bench.machine.processes().pool().largest_bytes();
    assert_eq!(bench.storage.setup(free + 1), Err(ErrorCode::NOMEM));
    for _ in 0..3 {
        assert_eq!(bench.storage.setup(free), Ok(free));
        assert_eq!(bench.heard(), ["setup Ok(())"]);
        assert_eq!(bench.storage.abort(), Ok(()));
        assert_eq!(bench.heard(), ["abort Ok(())"]);
    }
}

#[test]
fn a_write_outside_the_image_is_told_with_the_buffer_and_the_next_one_is_served() {
    let bench = Bench::new();
    bench.storage.setup(10).unwrap();
    bench.heard();
    for (len_bytes, offset) in [(11, 0), (1, 10), (2, 9), (1, usize::MAX)] {
        assert_eq!(bench.write(&vec![1; len_bytes], offset), Ok(()));
        assert_eq!(bench.heard(), ["write Err(INVAL) 0"], "{offset}");
    }
    assert_eq!(bench.write(&[1; 10], 0), Ok(()));
    assert_eq!(bench.heard(), ["write Ok(()) 10"]);
}

#[test]
fn what_is_no_image_is_not_final_until_it_is_written_right() {
    let bench = Bench::new();
    let image = image("mended");
    let longer = [&image[..], &[0]].concat();
    bench.write_all(&longer);
    assert_eq!(bench.storage.finalize(), Ok(()));
    assert_eq!(bench.heard(), ["finalize Err(INVAL)"]);
    bench.storage.abort().unwrap();
    bench.heard();
    bench.write_all(&image);
    bench.write(&[!image[0]], 0).unwrap();
    bench.heard();
    bench.storage.finalize().unwrap();
    assert_eq!(bench.heard(), ["finalize Err(INVAL)"]);
    bench.write(&image[..1], 0).unwrap();
    bench.heard();
    bench.storage.finalize().unwrap();
    assert_eq!(bench.heard(), ["finalize Ok(())"]);
}

#[test]
fn bytes_that_nobody_has_written_are_zero() {
    let bench = Bench::new();
    let image = image("gaps");
    bench.write_all(&vec![0xff; image.len()]);
    bench.storage.abort().unwrap();
    bench.heard();
    bench.storage.setup(image.len()).unwrap();
    bench.heard();
    let header_bytes = image.len() - 1024;
    for (number, piece) in image[..header_bytes + 4].chunks(256).enumerate() {
        bench.write(piece, 256 * number).unwrap();
        bench.heard();
    }
    bench.storage.finalize().unwrap();
    assert_eq!(bench.heard(), ["finalize Ok(())"]);
    bench.storage.load().unwrap();
    assert_eq!(bench.heard(), ["load Ok(())"]);
    let mut id = None;
    bench
        .machine
        .processes()
        .each(|process| id = Some(process.processid()));
    let app = bench.machine.loaded(id.unwrap());
    let at = app.addresses();
    assert_eq!(app.read(at.flash_end - 64, 64), [0; 64]);
}

#[test]
fn an_image_that_is_not_to_be_started_or_finds_no_place_is_told_so_and_gone() {
    let bench = Bench::new();
    let load = |image: &[u8]| {
        bench.write_all(image);
        bench.storage.finalize().unwrap();
        bench.heard();
        bench.storage.load().unwrap();
        bench.heard()
    };
    let other_kernel = tbf::Image::app(&[0; 16]).kernel_version(1, 0).build();
    assert_eq!(load(&other_kernel), ["load binary error"]);
    let greedy = fake::image("greedy").minimum_ram(1 << 20).build();
    assert_eq!(load(&greedy), ["load Err(NotEnoughMemory)"]);
    let odd = fake::image("odd").fixed_addresses(Some(1), None).build();
    assert_eq!(load(&odd), ["load Err(MpuConfigurationError)"]);
    for _ in 0..4 {
        assert_eq!(load(&image("one")), ["load Ok(())"]);
    }
    assert_eq!(load(&image("one")), ["load Err(NoProcessSlot)"]);
    assert_eq!(bench.storage.unload(app_id()), Ok(()));
    assert_eq!(bench.heard(), ["unload Ok(()) 0"]);
    assert!(bench.names().is_empty(), "all runs of the app are gone");
}
