#include "app/doctor/checks.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "app/network/host_addresses.hpp"
#include "http/certificate_info.hpp"
#include "media_io/file_descriptor.hpp"
#include "media_io/system_address.hpp"
#include "media_io/tcp_socket.hpp"
#include "media_io/udp_socket.hpp"

namespace vis::app::doctor {
namespace {

namespace fs = std::filesystem;
using media_io::FileDescriptor;

Finding fine(std::string subject, std::string what) {
  return {Verdict::Fine, std::move(subject), std::move(what), ""};
}
Finding warning(std::string subject, std::string what, std::string advice) {
  return {Verdict::Warning, std::move(subject), std::move(what), std::move(advice)};
}
Finding problem(std::string subject, std::string what, std::string advice) {
  return {Verdict::Problem, std::move(subject), std::move(what), std::move(advice)};
}

// ---- ports ----

enum class Protocol : std::uint8_t { Udp, Tcp };

struct PortCheck {
  std::string subject;
  Protocol protocol = Protocol::Udp;
  SocketAddress address;
};

Result<void> try_port(const PortCheck& port) {
  if (port.protocol == Protocol::Udp) {
    const auto opened = media_io::UdpSocket::open(port.address);
    if (!opened) return std::unexpected(opened.error());
  } else {
    const auto opened = media_io::TcpListener::open(port.address);
    if (!opened) return std::unexpected(opened.error());
  }
  return {};
}

Finding check_port(const PortCheck& port, bool running) {
  const bool udp = port.protocol == Protocol::Udp;
  const std::string name = (udp ? "UDP " : "TCP ") + std::to_string(port.address.port);
  const auto tried = try_port(port);
  if (port.address.port == 0) return fine(port.subject, "any free port is taken at the start");
  if (tried) {
    return running ? warning(port.subject, name + " is free, though the server runs",
                             "restart the server: it runs with another configuration")
                   : fine(port.subject, name + " is free");
  }
  if (running) return fine(port.subject, name + " is in use, by the server that runs");
  if (errno == EACCES || tried.error().message.contains("denied")) {
    return problem(port.subject, name + " may not be opened by this user",
                   "give the program the right (AmbientCapabilities=CAP_NET_BIND_SERVICE in the "
                   "systemd unit), or choose a port from 1024 on");
  }
  return problem(port.subject, tried.error().message,
                 "see who has it: ss -lnp" + std::string(udp ? "u" : "t") + " 'sport = :" +
                     std::to_string(port.address.port) + "', or choose another port");
}

std::vector<PortCheck> ports_of(const Config& config) {
  std::vector<PortCheck> ports;
  for (const SocketAddress& address : config.http.listen) {
    ports.push_back({"web port", Protocol::Tcp, address});
  }
  const unsigned workers = config.media.workers != 0
                               ? config.media.workers
                               : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < workers; ++i) {
    const auto port =
        static_cast<std::uint16_t>(config.media.port == 0 ? 0 : config.media.port + i);
    ports.push_back({"media port", Protocol::Udp, {.ip = {}, .port = port}});
    if (port == 0) break;
  }
  if (config.media.tcp) {
    const auto port =
        static_cast<std::uint16_t>(config.media.port == 0 ? 0 : config.media.port - 1);
    ports.push_back({"media port", Protocol::Tcp, {.ip = {}, .port = port}});
  }
  if (config.turn.enabled) {
    ports.push_back({"TURN port", Protocol::Udp, {.ip = {}, .port = config.turn.port}});
  }
  return ports;
}

// ---- addresses ----

/// RFC 1918, RFC 6598, RFC 4193 and what leads to nobody.
bool is_private(const IpAddress& address) {
  if (address.is_loopback()) return true;
  if (address.is_v6()) return (address.v6_bytes()[0] & 0xFE) == 0xFC;
  const auto bytes = address.v4_bytes();
  return bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xF0) == 16) ||
         (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 100 && (bytes[1] & 0xC0) == 64) ||
         (bytes[0] == 169 && bytes[1] == 254);
}

std::string joined(const std::vector<IpAddress>& addresses) {
  std::string text;
  for (const IpAddress& address : addresses) text += (text.empty() ? "" : ", ") + address.str();
  return text.empty() ? "none" : text;
}

// ---- system ----

int option_of(const FileDescriptor& socket, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  ::getsockopt(socket.get(), SOL_SOCKET, option, &value, &length);
  return value;
}

Finding check_buffer(int forced, int option, const char* name, const char* sysctl) {
  constexpr int kWanted = 16 * 1024 * 1024;
  constexpr int kEnough = 4 * 1024 * 1024;
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::setsockopt(socket.get(), SOL_SOCKET, forced, &kWanted, sizeof kWanted) != 0) {
    ::setsockopt(socket.get(), SOL_SOCKET, option, &kWanted, sizeof kWanted);
  }
  // The kernel doubles what is asked for, for its own use.
  const int bytes = option_of(socket, option) / 2;
  const std::string size = std::to_string(bytes / 1024) + " KiB";
  if (bytes >= kEnough) return fine(name, size);
  return warning(name, size + ": bursts of packets will be lost",
                 "sysctl -w net.core." + std::string(sysctl) + "=" + std::to_string(kWanted) +
                     ", and write it to /etc/sysctl.d/90-visavis.conf");
}

Finding check_descriptors(const Config& config) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  // Files, sockets of workers and of TCP clients come on top of the web server's.
  const rlim_t wanted = rlim_t{config.http.max_connections} + 8192;
  const std::string allowed = std::to_string(limit.rlim_cur);
  if (limit.rlim_cur >= wanted) return fine("open files", "up to " + allowed);
  return warning("open files",
                 "up to " + allowed + ", fewer than http.max_connections and media may need",
                 "LimitNOFILE=" + std::to_string(wanted) + " in the systemd unit, or ulimit -n");
}

Finding check_segmentation() {
  const auto socket = media_io::UdpSocket::open({});
  if (socket && socket->uses_segmentation()) {
    return fine("UDP segmentation", "the kernel takes many packets at once (GSO)");
  }
  return warning("UDP segmentation", "this kernel does not know UDP_SEGMENT",
                 "use Linux 4.18 or newer: sending costs several times the CPU without it");
}

}  // namespace

bool is_running(const Config& config) {
  const FileDescriptor node(
      ::open((config.server.data_dir / "node").c_str(), O_RDONLY | O_CLOEXEC));
  if (node.get() < 0) return false;
  return ::flock(node.get(), LOCK_SH | LOCK_NB) != 0;
}

Findings check_data_dir(const Config& config) {
  constexpr std::uintmax_t kLittle = 1024 * 1024 * 1024;
  const fs::path& folder = config.server.data_dir;
  const std::string subject = "data directory";
  std::error_code failure;
  if (!fs::exists(folder, failure)) {
    const fs::path parent = fs::absolute(folder).parent_path();
    if (::access(parent.c_str(), W_OK | X_OK) == 0) {
      return {fine(subject, folder.string() + " will be made at the first start")};
    }
    return {problem(subject, folder.string() + " is not there, and this user may not make it",
                    "mkdir -p " + folder.string() + ", and give it to the server's user")};
  }
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return {problem(subject, folder.string() + " may not be read and written by this user",
                    "chown -R it to the server's user")};
  }
  Findings findings{fine(subject, folder.string() + " can be written")};
  if (const auto space = fs::space(folder, failure); !failure && space.available < kLittle) {
    findings.push_back(warning(subject, "less than 1 GiB is free there", "make room"));
  }
  const fs::path key = config.server.key_file.empty() ? folder / "key" : config.server.key_file;
  struct stat status{};
  if (::stat(key.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    findings.push_back(warning("key file", key.string() + " can be read by other users",
                               "chmod 600 " + key.string()));
  }
  return findings;
}

Findings check_ports(const Config& config, bool running) {
  Findings findings;
  for (const PortCheck& port : ports_of(config)) findings.push_back(check_port(port, running));
  return findings;
}

Findings check_certificate(const Config& config, WallTime now) {
  constexpr auto kSoon = std::chrono::days{14};
  const std::string subject = "certificate";
  if (config.http.certificate.empty()) {
    const bool only_here = std::ranges::all_of(
        config.http.listen, [](const SocketAddress& address) { return address.ip.is_loopback(); });
    if (only_here) return {fine(subject, "none: HTTP is for this machine and a proxy on it")};
    return {warning(subject, "none: browsers give a camera and a microphone to HTTPS pages alone",
                    "set http.certificate and http.private_key, or put a proxy with TLS in front")};
  }
  const auto read = http::read_certificate(
      {.certificate = config.http.certificate, .key = config.http.private_key});
  if (!read) {
    return {problem(subject, read.error().message,
                    "give the chain in PEM, the server's own certificate first, and its key")};
  }
  Findings findings;
  const auto days = std::chrono::duration_cast<std::chrono::days>(read->expires_at - now).count();
  if (now >= read->expires_at) {
    findings.push_back(problem(subject, "it has expired", "renew it; SIGHUP has it read again"));
  } else if (now < read->begins_at) {
    findings.push_back(problem(subject, "it is not valid yet", "look at this machine's clock"));
  } else if (read->expires_at - now < kSoon) {
    findings.push_back(warning(subject, "it expires in " + std::to_string(days) + " days",
                               "renew it; SIGHUP has it read again"));
  } else {
    findings.push_back(fine(subject, "valid for " + std::to_string(days) + " days"));
  }
  if (!read->distrust.empty()) {
    findings.push_back(warning(
        subject, "this system does not trust it: " + read->distrust,
        read->self_signed ? "use one of an authority that browsers know, such as Let's Encrypt"
                          : "append the certificates of the authority to http.certificate"));
  }
  const std::string& domain = config.turn.domain;
  if (config.turn.enabled && !domain.empty() && !read->covers(domain)) {
    findings.push_back(problem(subject, "it is not for turn.domain " + domain,
                               "set turn.domain to a name of the certificate"));
  }
  return findings;
}

Findings check_addresses(const Config& config, const std::vector<IpAddress>& own) {
  const std::string subject = "addresses";
  const std::vector<IpAddress> told = announced_addresses(config, own);
  Findings findings{fine(subject, "clients are told " + joined(told))};
  for (const IpAddress& address : told) {
    if (media_io::source_towards(address).is_unspecified()) {
      findings.push_back(warning(subject, "no interface leads to " + address.str(),
                                 "correct media.announce or media.public_addresses"));
    }
  }
  if (!config.dev && std::ranges::all_of(told, is_private)) {
    findings.push_back(
        warning(subject, "all of them are private: only clients of this network reach the media",
                "where a NAT leads here, set media.public_addresses to its public address"));
  }
  return findings;
}

Findings check_clock(WallTime now) {
  const std::string subject = "clock";
  // Earlier than this program can have been built.
  constexpr WallTime kEarliest = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};
  if (now < kEarliest) {
    return {problem(subject, "it stands before 2025: certificates and tokens will be refused",
                    "set it: timedatectl set-ntp true")};
  }
  timex state{};
  if (::adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    return {warning(subject, "no time service keeps it right, as far as the kernel knows",
                    "timedatectl set-ntp true: tokens are good from and until a time of day")};
  }
  return {fine(subject, "kept by a time service")};
}

Findings check_system(const Config& config) {
  return {check_descriptors(config),
          check_buffer(SO_RCVBUFFORCE, SO_RCVBUF, "receive buffer", "rmem_max"),
          check_buffer(SO_SNDBUFFORCE, SO_SNDBUF, "send buffer", "wmem_max"), check_segmentation()};
}

Findings examine(const Config& config, WallTime now) {
  Findings all;
  for (const Findings& part :
       {check_data_dir(config), check_ports(config, is_running(config)),
        check_certificate(config, now), check_addresses(config, host_addresses()), check_clock(now),
        check_system(config)}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace vis::app::doctor
