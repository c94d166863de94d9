//! Sensors of what is around the machine: temperature, humidity, light, motion and so on.
//!
//! All work alike: a reading is asked for, and the client's callback brings it. Errors that any of them may
//! start or end with: `BUSY` while another reading or a calibration is under way, `NOSUPPORT` if the sensor
//! has not that quantity, `FAIL` if it did not answer.

use crate::ErrorCode;

/// Measures temperature.
pub trait TemperatureDriver<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn TemperatureClient);

    /// Asks for a reading: [`TemperatureClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_temperature(&self) -> Result<(), ErrorCode>;
}

/// Gets temperatures.
pub trait TemperatureClient {
    /// The temperature in hundredths of a degree Celsius.
    fn callback(&self, value: Result<i32, ErrorCode>);
}

/// Measures the relative humidity of the air.
pub trait HumidityDriver<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn HumidityClient);

    /// Asks for a reading: [`HumidityClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_humidity(&self) -> Result<(), ErrorCode>;
}

/// Gets humidities.
pub trait HumidityClient {
    /// The humidity in hundredths of a percent. A reading that failed has no way to say so: drivers give
    /// `usize::MAX`.
    fn callback(&self, value: usize);
}

/// Measures the moisture of soil and the like.
pub trait MoistureDriver<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn MoistureClient);

    /// Asks for a reading: [`MoistureClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_moisture(&self) -> Result<(), ErrorCode>;
}

/// Gets moistures.
pub trait MoistureClient {
    /// The moisture in hundredths of a percent.
    fn callback(&self, value: Result<usize, ErrorCode>);
}

/// Measures what is in the air.
pub trait AirQualityDriver<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn AirQualityClient);

    /// Tells the sensor the temperature in degrees Celsius and the relative humidity in percent, where they
    /// are known. Readings become better by it; it is not needed.
    /// [`AirQualityClient::environment_specified`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn specify_environment(
        &self,
        temp: Option<i32>,
        humidity: Option<u32>,
    ) -> Result<(), ErrorCode>;

    /// Asks for the carbon dioxide, or what would be as bad: [`AirQualityClient::co2_data_available`]
    /// follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_co2(&self) -> Result<(), ErrorCode>;

    /// Asks for the volatile organic compounds: [`AirQualityClient::tvoc_data_available`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_tvoc(&self) -> Result<(), ErrorCode>;
}

/// Gets what is in the air.
pub trait AirQualityClient {
    /// The sensor knows its environment, or not.
    fn environment_specified(&self, result: Result<(), ErrorCode>);

    /// Carbon dioxide in parts per million; outdoors about 420.
    fn co2_data_available(&self, value: Result<u32, ErrorCode>);

    /// Volatile organic compounds in parts per billion.
    fn tvoc_data_available(&self, value: Result<u32, ErrorCode>);
}

/// Measures how near something is.
pub trait ProximityDriver<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn ProximityClient);

    /// Asks for a reading: [`ProximityClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_proximity(&self) -> Result<(), ErrorCode>;

    /// Asks for a reading as soon as one is `low_threshold` or less, or `high_threshold` or more:
    /// [`ProximityClient::callback`] follows then, which may be never.
    ///
    /// # Errors
    /// Those of the module, and `INVAL` if the thresholds cannot be set.
    fn read_proximity_on_interrupt(
        &self,
        low_threshold: u8,
        high_threshold: u8,
    ) -> Result<(), ErrorCode>;
}

/// Gets proximities.
pub trait ProximityClient {
    /// The proximity, in no unit: 0 for as far as the sensor sees, 255 for as near.
    fn callback(&self, value: u8);
}

/// Measures light.
pub trait AmbientLight<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn AmbientLightClient);

    /// Asks for a reading: [`AmbientLightClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module; `NODEVICE` if the sensor does not measure light.
    fn read_light_intensity(&self) -> Result<(), ErrorCode> {
        Err(ErrorCode::NODEVICE)
    }
}

/// Gets light intensities.
pub trait AmbientLightClient {
    /// The light in lux.
    fn callback(&self, lux: usize);
}

/// Measures motion in up to nine ways: three axes each of acceleration, magnetic field and rotation. All end
/// with [`NineDofClient::callback`].
pub trait NineDof<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn NineDofClient);

    /// Asks for the acceleration.
    ///
    /// # Errors
    /// Those of the module; `NODEVICE` if the sensor does not measure it.
    fn read_accelerometer(&self) -> Result<(), ErrorCode> {
        Err(ErrorCode::NODEVICE)
    }

    /// Asks for the magnetic field.
    ///
    /// # Errors
    /// Those of the module; `NODEVICE` if the sensor does not measure it.
    fn read_magnetometer(&self) -> Result<(), ErrorCode> {
        Err(ErrorCode::NODEVICE)
    }

    /// Asks for the rotation.
    ///
    /// # Errors
    /// Those of the module; `NODEVICE` if the sensor does not measure it.
    fn read_gyroscope(&self) -> Result<(), ErrorCode> {
        Err(ErrorCode::NODEVICE)
    }
}

/// Gets motions.
pub trait NineDofClient {
    /// The quantity asked for, along or around the axes x, y and z, in the sensor's unit.
    fn callback(&self, arg1: usize, arg2: usize, arg3: usize);
}

/// Measures how loud it is.
pub trait SoundPressure<'a> {
    /// Asks for a reading: [`SoundPressureClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_sound_pressure(&self) -> Result<(), ErrorCode>;

    /// Turns the microphone on, and the light beside it where there is one. Readings before are not to be
    /// relied on.
    ///
    /// # Errors
    /// Those of the module.
    fn enable(&self) -> Result<(), ErrorCode>;

    /// Turns the microphone off, and the light beside it. Readings after are not to be relied on.
    ///
    /// # Errors
    /// Those of the module.
    fn disable(&self) -> Result<(), ErrorCode>;

    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn SoundPressureClient);
}

/// Gets sound pressures.
pub trait SoundPressureClient {
    /// The sound pressure in decibels, if `ret` is `Ok`.
    fn callback(&self, ret: Result<(), ErrorCode>, sound_pressure: u8);
}

/// Measures the pressure of the air.
pub trait PressureDriver<'a> {
    /// Asks for a reading: [`PressureClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_atmospheric_pressure(&self) -> Result<(), ErrorCode>;

    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn PressureClient);
}

/// Gets air pressures.
pub trait PressureClient {
    /// The pressure in hectopascal.
    fn callback(&self, pressure: Result<u32, ErrorCode>);
}

/// Measures distance.
pub trait Distance<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn DistanceClient);

    /// Asks for a reading: [`DistanceClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn read_distance(&self) -> Result<(), ErrorCode>;

    /// The farthest distance that can be measured, in millimetres.
    fn get_maximum_distance(&self) -> u32;

    /// The nearest distance that can be measured, in millimetres.
    fn get_minimum_distance(&self) -> u32;
}

/// Gets distances.
pub trait DistanceClient {
    /// The distance in millimetres.
    fn callback(&self, distance: Result<u32, ErrorCode>);
}

/// Measures rain.
pub trait RainFallDriver<'a> {
    /// Says who gets the readings.
    fn set_client(&self, client: &'a dyn RainFallClient);

    /// Asks for the rain of the last `hours`, 1 to 24: [`RainFallClient::callback`] follows.
    ///
    /// # Errors
    /// Those of the module; `NOSUPPORT` if the sensor does not look back that far.
    fn read_rainfall(&self, hours: usize) -> Result<(), ErrorCode>;
}

/// Gets rainfalls.
pub trait RainFallClient {
    /// The rain in micrometres.
    fn callback(&self, value: Result<usize, ErrorCode>);
}
