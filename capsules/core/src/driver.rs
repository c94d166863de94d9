//! The numbers that apps know drivers by.
//!
//! All that Tock has given away are here, whether or not there is a driver yet: no other driver gets one of them.
//! Tock leaves the numbers with the highest of 32 bits to others. Of these, our own drivers have
//!
//! ```text
//!   0x8000_0000 to 0x8000_00ff    in this crate: they are listed here
//!   0x8000_0100 to 0x8000_ffff    in capsules/extra: each is in its driver's own file, and
//!                                 `cargo xtask new capsule` takes the next
//! ```

/// A driver's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum NUM {
    /// Alarms.
    Alarm = 0x00000,
    /// The console.
    Console = 0x00001,
    /// Lights.
    Led = 0x00002,
    /// Buttons.
    Button = 0x00003,
    /// Pins.
    Gpio = 0x00004,
    /// Voltages in.
    Adc = 0x00005,
    /// Voltages out.
    Dac = 0x00006,
    /// Which of two voltages is higher.
    AnalogComparator = 0x00007,
    /// Numbers for a developer to look at.
    LowLevelDebug = 0x00008,
    /// The kernel's state, for an app to read.
    ReadOnlyState = 0x00009,
    /// Pins that are high for a part of the time.
    Pwm = 0x00010,
    /// Calls between apps.
    Ipc = 0x10000,
    /// Apps that load apps.
    AppLoader = 0x10001,
    /// What processes there are.
    ProcessInfo = 0x10002,
    /// SPI, as controller.
    Spi = 0x20001,
    /// SPI, as peripheral.
    SpiPeripheral = 0x20002,
    /// I2C, as controller.
    I2cMaster = 0x20003,
    /// USB.
    UsbUser = 0x20005,
    /// I2C, as controller and target.
    I2cMasterSlave = 0x20006,
    /// CAN.
    Can = 0x20007,
    /// Bluetooth advertisements.
    BleAdvertising = 0x30000,
    /// IEEE 802.15.4 radio.
    Ieee802154 = 0x30001,
    /// UDP.
    Udp = 0x30002,
    /// A LoRa radio's SPI.
    LoRaPhySPI = 0x30003,
    /// A LoRa radio's pins.
    LoRaPhyGPIO = 0x30004,
    /// Thread.
    Thread = 0x30005,
    /// The machine's EUI-64.
    Eui64 = 0x30006,
    /// Ethernet frames.
    EthernetTap = 0x30007,
    /// Wi-Fi.
    Wifi = 0x30008,
    /// Random numbers.
    Rng = 0x40001,
    /// Cyclic redundancy checks.
    Crc = 0x40002,
    /// HMAC.
    Hmac = 0x40003,
    /// A security key.
    CtapHid = 0x40004,
    /// SHA.
    Sha = 0x40005,
    /// AES.
    Aes = 0x40006,
    /// An app's own flash.
    AppFlash = 0x50000,
    /// Storage that keeps.
    NvmStorage = 0x50001,
    /// SD cards.
    SdCard = 0x50002,
    /// Keys and values.
    Kv = 0x50003,
    /// Storage that keeps, each app's apart.
    IsolatedNvmStorage = 0x50004,
    /// Temperature.
    Temperature = 0x60000,
    /// Humidity.
    Humidity = 0x60001,
    /// Ambient light.
    AmbientLight = 0x60002,
    /// Acceleration, rotation and magnetic field.
    NINEDOF = 0x60004,
    /// Proximity.
    Proximity = 0x60005,
    /// Sound pressure.
    SoundPressure = 0x60006,
    /// Air quality.
    AirQuality = 0x60007,
    /// Air pressure.
    Pressure = 0x60008,
    /// Distance.
    Distance = 0x60009,
    /// Moisture.
    Moisture = 0x6000a,
    /// Rain.
    RainFall = 0x6000b,
    /// TSL2561, light.
    Tsl2561 = 0x70000,
    /// TMP006, temperature.
    Tmp006 = 0x70001,
    /// LPS25HB, pressure.
    Lps25hb = 0x70004,
    /// L3GD20, rotation.
    L3gd20 = 0x70005,
    /// LSM303DLHC, acceleration and magnetic field.
    Lsm303dlch = 0x70006,
    /// MLX90614, temperature.
    Mlx90614 = 0x70007,
    /// LSM6DSOXTR, acceleration and rotation.
    Lsm6dsoxtr = 0x70008,
    /// LTC294x, a battery gauge.
    Ltc294x = 0x80000,
    /// MAX17205, a battery gauge.
    Max17205 = 0x80001,
    /// PCA9544A, an I2C multiplexer.
    Pca9544a = 0x80002,
    /// Pins behind a bus.
    GpioAsync = 0x80003,
    /// nRF51822, Bluetooth.
    Nrf51822Serialization = 0x80004,
    /// A buzzer.
    Buzzer = 0x90000,
    /// A screen of pixels.
    Screen = 0x90001,
    /// A touch panel.
    Touch = 0x90002,
    /// A screen of characters.
    TextScreen = 0x90003,
    /// Digits of seven segments.
    SevenSegment = 0x90004,
    /// Being a USB keyboard.
    KeyboardHid = 0x90005,
    /// The date.
    DateTime = 0x90007,
    /// The processor's cycles.
    CycleCount = 0x90008,
    /// A servo motor.
    Servo = 0x90009,
    /// The keyboard.
    Keyboard = 0x8000_0000,
}
