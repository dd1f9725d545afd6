//! A command of the standard library alone, for cargo build --target wasm32-wasip2.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};
use std::{env, fs, io, process, thread};

fn main() {
    println!("arguments: {:?}", env::args().collect::<Vec<_>>());
    println!("environment: {:?}", env::vars().collect::<Vec<_>>());

    let mut input = String::new();
    io::stdin().read_to_string(&mut input).unwrap();
    println!("{} bytes of input", input.len());

    let start = Instant::now();
    thread::sleep(Duration::from_millis(20));
    println!("slept: {}", start.elapsed() >= Duration::from_millis(20));

    files().unwrap();
    println!("network: {:?}", network().map_err(|e| e.kind()));
    eprintln!("to stderr");
    process::exit(7);
}

fn files() -> io::Result<()> {
    println!("note.txt: {}", fs::read_to_string("note.txt")?.trim());
    fs::create_dir("made")?;
    let mut f = fs::File::create("made/file")?;
    f.write_all(b"0123456789")?;
    f.set_len(4)?;
    fs::rename("made/file", "made/renamed")?;
    let names: Vec<_> = fs::read_dir("made")?
        .map(|e| e.map(|e| e.file_name().into_string().unwrap()))
        .collect::<Result<_, _>>()?;
    println!("made: {names:?}, {} bytes", fs::metadata("made/renamed")?.len());
    println!("outside: {:?}", fs::read("../secret.txt").map_err(|e| e.kind()));
    fs::remove_dir_all("made")
}

fn network() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, _) = listener.accept()?;
    client.write_all(b"over the wire")?;
    drop(client);
    let mut got = String::new();
    server.read_to_string(&mut got)?;
    let looked_up = "localhost:1".to_socket_addrs()?.next().is_some();
    Ok(format!("{got}, looked up: {looked_up}"))
}
