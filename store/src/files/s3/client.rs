//! The client of the service, made from our settings alone: nothing is read from the
//! environment or from files of the machine, so what is in force can be printed.

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Config, Credentials, Region, RequestChecksumCalculation,
        ResponseChecksumValidation, timeout::TimeoutConfig,
    },
};
use aws_smithy_http_client::{Builder, tls};
use schema::message::Bilingual;

use crate::files::{FileError, S3Settings};

/// A client, which has not called anybody yet.
pub(super) fn new(settings: &S3Settings) -> Result<Client, FileError> {
    let missing = |key: &str| {
        FileError::Settings(Bilingual::new(
            format!("使用 s3:// 时必须设置 {key}"),
            format!("{key} must be set for s3://"),
        ))
    };
    let access = settings.access_key.as_deref().ok_or_else(|| missing("access_key"))?;
    let secret = settings.secret_key.as_ref().ok_or_else(|| missing("secret_key"))?;
    let region = match (&settings.region, &settings.endpoint) {
        (Some(region), _) => region.clone(),
        (None, Some(_)) => "us-east-1".to_owned(),
        (None, None) => return Err(missing("region")),
    };
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(region))
        .credentials_provider(Credentials::new(access, secret.reveal(), None, None, "settings"))
        .force_path_style(settings.path_style)
        .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).build())
        // Several services of one's own refuse the trailing checksums that are usual at AWS.
        // Every upload carries a SHA-256 all the same, and every whole file is checked when read.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    config.set_endpoint_url(settings.endpoint.clone());
    Ok(Client::from_conf(config.build()))
}
