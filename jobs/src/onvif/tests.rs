//! A device that answers as real ones do: SOAP over HTTP, digests, faults; and one that leads astray.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;

const ENVELOPE: &str = "http://www.w3.org/2003/05/soap-envelope";

/// How a device behaves.
#[derive(Clone, Default)]
struct Device {
    /// Streams are named only to whoever proves by WS-Security that they know the password.
    guarded: bool,
    /// The same by HTTP's digest.
    digest: bool,
    /// It has the newer media service.
    newer: bool,
    /// Where it says that its media service is, instead of here.
    leads_to: Option<String>,
    /// What it answers to everything.
    says: Option<String>,
}

/// Starts a device; its address, and what it was asked.
async fn device(device: Device) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (device, heard) = (device.clone(), Arc::clone(&heard));
            tokio::spawn(async move { answer(socket, at, &device, &heard).await });
        }
    });
    (at, asked)
}

async fn answer(mut socket: TcpStream, at: SocketAddr, device: &Device, asked: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                asked.lock().unwrap().push(text.clone());
                let (status, header, body) = device.answers(head, body, at);
                let answer = format!(
                    "HTTP/1.1 {status} Answer\r\n{header}Content-Type: application/soap+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = socket.write_all(answer.as_bytes()).await;
                return;
            }
        }
        match socket.read(&mut buffer).await {
            Ok(n) if n > 0 => request.extend_from_slice(&buffer[..n]),
            _ => return,
        }
    }
}

impl Device {
    fn answers(&self, head: &str, body: &str, at: SocketAddr) -> (u16, String, String) {
        if let Some(says) = &self.says {
            return (200, String::new(), says.clone());
        }
        if self.digest
            && !head.to_lowercase().contains("authorization: digest")
            && !body.contains("GetSystemDateAndTime")
        {
            let challenge = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"abc\", qop=\"auth\", algorithm=MD5\r\n";
            return (401, challenge.into(), String::new());
        }
        let here = format!("http://{at}");
        let media = self.leads_to.clone().unwrap_or_else(|| format!("{here}/onvif/media"));
        let ok = |inside: &str| {
            let body = format!("<s:Envelope xmlns:s=\"{ENVELOPE}\"><s:Body>{inside}</s:Body></s:Envelope>");
            (200, String::new(), body)
        };
        let is = |what: &str| body.contains(&format!(":{what}>")) || body.contains(&format!(":{what}/>"));
        if is("GetSystemDateAndTime") {
            return ok(
                "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>\
                <tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime><tt:Time><tt:Hour>14</tt:Hour><tt:Minute>0</tt:Minute>\
                <tt:Second>0</tt:Second></tt:Time><tt:Date><tt:Year>2026</tt:Year><tt:Month>11</tt:Month><tt:Day>20</tt:Day></tt:Date>\
                </tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>",
            );
        }
        if self.guarded && !body.contains("<wsse:Username>yard</wsse:Username>") {
            let fault = "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode>\
                </s:Code><s:Reason><s:Text>Sender not Authorized</s:Text></s:Reason></s:Fault>";
            let (_, header, body) = ok(fault);
            return (400, header, body);
        }
        if is("GetServices") {
            let newer = match self.newer {
                true => format!(
                    "<tds:Service><tds:Namespace>http://www.onvif.org/ver20/media/wsdl</tds:Namespace><tds:XAddr>{media}</tds:XAddr>\
                     <tds:Version><tt:Major>2</tt:Major><tt:Minor>0</tt:Minor></tds:Version></tds:Service>"
                ),
                false => String::new(),
            };
            return ok(&format!("<tds:GetServicesResponse>{newer}</tds:GetServicesResponse>"));
        }
        if is("GetCapabilities") {
            return ok(&format!(
                "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>{media}</tt:XAddr></tt:Media></tds:Capabilities>\
                 </tds:GetCapabilitiesResponse>"
            ));
        }
        let encoder = |codec: &str| {
            format!(
                "token=\"enc1\"><tt:Name>main</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{codec}</tt:Encoding>\
                 <tt:Resolution><tt:Width>2560</tt:Width><tt:Height>1440</tt:Height></tt:Resolution><tt:Quality>5</tt:Quality>"
            )
        };
        if is("GetProfiles") && self.newer {
            return ok(
                "<tr2:GetProfilesResponse><tr2:Profiles token=\"p1\"><tr2:Name>Main</tr2:Name><tr2:Configurations>\
                <tr2:VideoEncoder token=\"enc1\"/></tr2:Configurations></tr2:Profiles></tr2:GetProfilesResponse>",
            );
        }
        if is("GetProfiles") {
            return ok("<trt:GetProfilesResponse><trt:Profiles token=\"p1\"><tt:Name>Main &amp; only</tt:Name>\
                <tt:VideoEncoderConfiguration token=\"enc1\"/></trt:Profiles><trt:Profiles token=\"p2\"><tt:Name>Sound</tt:Name>\
                </trt:Profiles></trt:GetProfilesResponse>");
        }
        if is("GetVideoEncoderConfigurations") && self.newer {
            let encoder = encoder("H265");
            return ok(&format!(
                "<tr2:GetVideoEncoderConfigurationsResponse><tr2:Configurations {encoder}</tr2:Configurations>\
                </tr2:GetVideoEncoderConfigurationsResponse>"
            ));
        }
        if is("GetVideoEncoderConfigurations") {
            let encoder = encoder("H264");
            return ok(&format!(
                "<trt:GetVideoEncoderConfigurationsResponse><trt:Configurations {encoder}</trt:Configurations>\
                </trt:GetVideoEncoderConfigurationsResponse>"
            ));
        }
        if is("GetStreamUri") && self.newer {
            return ok(
                "<tr2:GetStreamUriResponse><tr2:Uri>rtsp://10.0.0.9:554/main265</tr2:Uri></tr2:GetStreamUriResponse>",
            );
        }
        if is("GetStreamUri") {
            return ok(
                "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://admin:secret@10.0.0.9:554/main?x=1</tt:Uri>\
                <tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>\
                <tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>",
            );
        }
        (500, String::new(), String::new())
    }
}

async fn ask(at: SocketAddr, user: &str, password: &str) -> Result<Vec<Profile>, Ended> {
    let allow: Allow = format!("127.0.0.1:{}", at.port()).parse().unwrap();
    profiles(&format!("http://{at}/onvif/device_service"), user, password, &allow).await
}

#[tokio::test]
async fn a_device_names_its_streams_without_what_opens_them() {
    let (at, _) = device(Device::default()).await;
    let found = ask(at, "", "").await.unwrap();
    let wanted = Profile {
        name: "Main & only".into(),
        url: "rtsp://10.0.0.9:554/main?x=1".into(),
        codec: "H264".into(),
        width: 2560,
        height: 1440,
    };
    assert_eq!(found, [wanted], "one without film is none");
    let (at, _) = device(Device { newer: true, ..Device::default() }).await;
    let found = ask(at, "", "").await.unwrap();
    assert_eq!((found[0].codec.as_str(), found[0].url.as_str()), ("H265", "rtsp://10.0.0.9:554/main265"));
}

#[tokio::test]
async fn a_password_goes_as_a_digest_by_the_devices_own_clock() {
    let (at, asked) = device(Device { guarded: true, ..Device::default() }).await;
    let refused = ask(at, "", "").await.unwrap_err();
    assert_eq!((refused.reason, refused.detail.as_str()), (Reason::Refused, "it does not take this user and password"));
    assert_eq!(ask(at, "yard", "hunter2").await.unwrap().len(), 1);
    let asked = asked.lock().unwrap().join("\n");
    assert!(asked.contains("PasswordDigest") && !asked.contains("hunter2"));
    assert!(asked.contains("<wsu:Created>2026-11-20T14:00:0"), "as its clock has it");

    let (at, asked) = device(Device { digest: true, ..Device::default() }).await;
    assert_eq!(ask(at, "", "").await.unwrap_err().reason, Reason::Refused);
    assert_eq!(ask(at, "yard", "hunter2").await.unwrap().len(), 1);
    let asked = asked.lock().unwrap().join("\n").to_lowercase();
    assert!(asked.contains("authorization: digest username=\"yard\"") && !asked.contains("hunter2"));
}

#[tokio::test]
async fn a_device_that_leads_elsewhere_is_not_followed() {
    let (other, heard) = device(Device::default()).await;
    for leads_to in
        [format!("http://{other}/onvif/media"), "http://169.254.169.254/latest".into(), "file:///etc/passwd".into()]
    {
        let (at, _) = device(Device { leads_to: Some(leads_to.clone()), ..Device::default() }).await;
        let refused = ask(at, "yard", "hunter2").await.unwrap_err();
        assert!(matches!(refused.reason, Reason::Unreachable | Reason::NotRtsp), "{leads_to}: {refused:?}");
    }
    assert!(heard.lock().unwrap().is_empty(), "nobody was asked");
    let nowhere = profiles("http://127.0.0.1:9/", "", "", &"10.0.0.0/8".parse().unwrap()).await.unwrap_err();
    assert!(nowhere.detail.contains("list of networks"), "{nowhere:?}");
}

#[tokio::test]
async fn what_is_no_onvif_device_says_so_in_words() {
    for says in ["<html>hello</html>".to_owned(), String::new(), "x".repeat(2 << 20), "<s:Envelope>".into()] {
        let (at, _) = device(Device { says: Some(says), ..Device::default() }).await;
        let refused = ask(at, "", "").await.unwrap_err();
        assert_eq!(refused.reason, Reason::NotRtsp, "{refused:?}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = ask(closed, "", "").await.unwrap_err();
    assert!(refused.reason == Reason::Unreachable && refused.detail.contains("no connection"), "{refused:?}");
}

fn found(xaddrs: &[&str], scopes: &[&str]) -> DiscoveredDevice {
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    DiscoveredDevice { endpoint: "urn:uuid:1".into(), types: Vec::new(), scopes: all(scopes), xaddrs: all(xaddrs) }
}

#[tokio::test]
async fn of_a_devices_addresses_the_one_in_the_sites_list_is_taken() {
    let allow: Allow = "192.168.10.0/24".parse().unwrap();
    let scopes = [
        "onvif://www.onvif.org/name/Gate%20%C3%9C\n<1>",
        "onvif://www.onvif.org/hardware/IPC-4",
        "onvif://www.onvif.org/type/x",
    ];
    let device = found(&["http://[fe80::1]/onvif", "http://192.168.10.9/onvif/device_service"], &scopes);
    let told = described(device, &allow).await.unwrap();
    assert_eq!((told.name.as_str(), told.hardware.as_str()), ("Gate Ü<1>", "IPC-4"));
    assert_eq!((told.service.as_str(), told.allowed), ("http://192.168.10.9/onvif/device_service", true));
    let elsewhere = described(found(&["http://8.8.8.8/onvif"], &[]), &allow).await.unwrap();
    assert!(!elsewhere.allowed && elsewhere.name.is_empty());
    assert!(described(found(&["ftp://192.168.10.9/", "nonsense"], &scopes), &allow).await.is_none());
}

/// A device that is asked for by multicast, on a network of this machine's own.
#[tokio::test]
async fn a_device_on_the_network_is_found() {
    let Ok(socket) = tokio::net::UdpSocket::bind("0.0.0.0:3702").await else {
        panic!("another process answers for devices on this machine");
    };
    for interface in discovery::discovery_interfaces().unwrap() {
        socket.join_multicast_v4("239.255.255.250".parse().unwrap(), interface.address).unwrap();
    }
    let responder = tokio::spawn(async move {
        let mut probe = vec![0; 65_536];
        loop {
            let (length, from) = socket.recv_from(&mut probe).await.unwrap();
            assert!(String::from_utf8_lossy(&probe[..length]).contains("Probe"));
            let matches = format!(
                "<s:Envelope xmlns:s=\"{ENVELOPE}\"><s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:7\
                 </a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>\
                 onvif://www.onvif.org/name/Dock</d:Scopes><d:XAddrs>http://10.0.0.7/onvif/device_service</d:XAddrs></d:ProbeMatch>\
                 </d:ProbeMatches></s:Body></s:Envelope>"
            );
            socket.send_to(b"garbage", from).await.unwrap();
            socket.send_to(matches.as_bytes(), from).await.unwrap();
        }
    });
    let found = discover(&"10.0.0.0/8".parse().unwrap(), Duration::from_secs(2)).await;
    responder.abort();
    let ours: Vec<_> = found.iter().filter(|device| device.endpoint == "urn:uuid:7").collect();
    assert_eq!(ours.len(), 1, "once, however often it answers: {found:?}");
    assert!(ours[0].allowed && ours[0].name == "Dock");
}
