#include "media/ice/candidate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

#include "base/limits/media_ice.hpp"
#include "media/ice/characters.hpp"

namespace vis::media::ice {
namespace {

constexpr std::string_view kPrefix = "candidate:";
constexpr std::size_t kFoundationBytesMax = 32;
constexpr std::uint16_t kComponentMax = 256;
constexpr std::size_t kHostnameBytesMax = 253;
/// RFC 6544 section 4.2 wants TCP below UDP of the same type; this is below a UDP host and above
/// a server-reflexive one.
constexpr std::uint32_t kTcpHostPreference = 105;
/// RFC 6544 section 4.2: the upper three bits of the local preference tell the direction.
constexpr std::uint16_t kPassiveDirection = 4;

template <typename E, std::size_t kCount>
using Names = std::array<std::pair<std::string_view, E>, kCount>;

constexpr Names<CandidateType, 4> kTypes{{{"host", CandidateType::Host},
                                          {"srflx", CandidateType::ServerReflexive},
                                          {"prflx", CandidateType::PeerReflexive},
                                          {"relay", CandidateType::Relay}}};
constexpr Names<TcpType, 3> kTcpTypes{{{"active", TcpType::Active},
                                       {"passive", TcpType::Passive},
                                       {"so", TcpType::SimultaneousOpen}}};
constexpr Names<Transport, 2> kTransports{{{"udp", Transport::Udp}, {"tcp", Transport::Tcp}}};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

template <typename E, std::size_t kCount>
std::optional<E> value_of(const Names<E, kCount>& names, std::string_view name) {
  for (const auto& [known, value] : names) {
    if (equal_ignoring_case(known, name)) return value;
  }
  return std::nullopt;
}

template <typename E, std::size_t kCount>
std::string_view name_of(const Names<E, kCount>& names, E value) {
  for (const auto& [name, known] : names) {
    if (known == value) return name;
  }
  std::unreachable();
}

template <typename T>
std::optional<T> number(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view next_word(std::string_view& rest) {
  const std::size_t start = std::min(rest.find_first_not_of(' '), rest.size());
  rest.remove_prefix(start);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > kHostnameBytesMax) return false;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return std::ranges::all_of(text, allowed) && std::ranges::any_of(text, is_letter);
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Errc::InvalidArgument, "candidate: malformed " + std::string(what));
}

/// `<foundation> <component> <transport> <priority>`
Result<void> read_identity(std::string_view& rest, Candidate& candidate) {
  const std::string_view foundation = next_word(rest);
  if (foundation.empty() || foundation.size() > kFoundationBytesMax ||
      !are_ice_characters(foundation)) {
    return malformed("foundation");
  }
  candidate.foundation = foundation;
  const auto component = number<std::uint16_t>(next_word(rest));
  if (!component || *component == 0 || *component > kComponentMax) return malformed("component");
  candidate.component = *component;
  const std::string_view transport = next_word(rest);
  const auto known_transport = value_of(kTransports, transport);
  if (transport.empty()) return malformed("transport");
  if (!known_transport) return fail(Errc::Unsupported, "candidate: unknown transport");
  candidate.transport = *known_transport;
  const auto priority = number<std::uint32_t>(next_word(rest));
  if (!priority) return malformed("priority");
  candidate.priority = *priority;
  return {};
}

/// `<address or name> <port> typ <type>`
Result<void> read_address(std::string_view& rest, Candidate& candidate) {
  const std::string_view host = next_word(rest);
  if (const auto ip = IpAddress::parse(host)) {
    candidate.address.ip = *ip;
  } else if (is_hostname(host)) {
    candidate.hostname = host;
  } else {
    return malformed("address");
  }
  const auto port = number<std::uint16_t>(next_word(rest));
  if (!port) return malformed("port");
  candidate.address.port = *port;
  if (next_word(rest) != "typ") return malformed("type");
  const std::string_view type = next_word(rest);
  const auto known_type = value_of(kTypes, type);
  if (type.empty()) return malformed("type");
  if (!known_type) return fail(Errc::Unsupported, "candidate: unknown type");
  candidate.type = *known_type;
  return {};
}

struct Related {
  std::optional<IpAddress> ip;
  std::uint16_t port = 0;
};

Result<void> read_extension(std::string_view& rest, Candidate& candidate, Related& related) {
  const std::string_view name = next_word(rest);
  const std::string_view value = next_word(rest);
  if (name == "raddr") {
    // A browser that hides its addresses writes a name or 0.0.0.0 here; neither is of use.
    related.ip = IpAddress::parse(value);
  } else if (name == "rport") {
    const auto port = number<std::uint16_t>(value);
    if (!port) return malformed("rport");
    related.port = *port;
  } else if (name == "tcptype") {
    candidate.tcp_type = value_of(kTcpTypes, value);
    if (!candidate.tcp_type) return malformed("tcptype");
  } else if (name == "ufrag") {
    if (value.size() > limits::kIceUfragBytes || !are_ice_characters(value)) {
      return malformed("ufrag");
    }
    candidate.ufrag = value;
  }
  return {};
}

/// Candidates of one type, address and transport share a foundation (RFC 8445 section 5.1.1.3).
std::string foundation_of(const Candidate& candidate) {
  std::size_t mixed = std::hash<SocketAddress>{}({candidate.address.ip, 0});
  mixed = mixed * 31 + static_cast<std::size_t>(candidate.type);
  mixed = mixed * 31 + static_cast<std::size_t>(candidate.transport);
  return std::to_string(static_cast<std::uint32_t>(mixed ^ (mixed >> 32)));
}

std::uint32_t compose_priority(std::uint32_t type_preference, std::uint16_t local_preference,
                               std::uint16_t component) {
  return (type_preference << 24) | (std::uint32_t{local_preference} << 8) | (256U - component);
}

}  // namespace

std::uint32_t candidate_priority(CandidateType type, std::uint16_t local_preference,
                                 std::uint16_t component) {
  const auto type_preference = [type]() -> std::uint32_t {
    switch (type) {
      case CandidateType::Host: return 126;
      case CandidateType::PeerReflexive: return 110;
      case CandidateType::ServerReflexive: return 100;
      case CandidateType::Relay: return 0;
    }
    std::unreachable();
  };
  return compose_priority(type_preference(), local_preference, component);
}

bool Candidate::is_mdns() const {
  constexpr std::string_view kSuffix = ".local";
  return hostname.size() > kSuffix.size() &&
         equal_ignoring_case(std::string_view(hostname).substr(hostname.size() - kSuffix.size()),
                             kSuffix);
}

Candidate Candidate::host(const SocketAddress& address, std::uint16_t local_preference) {
  Candidate candidate;
  candidate.address = address;
  candidate.priority = candidate_priority(CandidateType::Host, local_preference);
  candidate.foundation = foundation_of(candidate);
  return candidate;
}

Candidate Candidate::tcp_passive(const SocketAddress& address, std::uint16_t local_preference) {
  Candidate candidate;
  candidate.address = address;
  candidate.transport = Transport::Tcp;
  candidate.tcp_type = TcpType::Passive;
  const auto directed =
      static_cast<std::uint16_t>((kPassiveDirection << 13) | (local_preference & 0x1FFF));
  candidate.priority = compose_priority(kTcpHostPreference, directed, candidate.component);
  candidate.foundation = foundation_of(candidate);
  return candidate;
}

Result<Candidate> Candidate::parse(std::string_view text) {
  if (text.size() > limits::kIceCandidateBytes) {
    return fail(Errc::LimitExceeded, "candidate: line too long");
  }
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  Candidate candidate;
  if (auto read = read_identity(text, candidate); !read) return std::unexpected(read.error());
  if (auto read = read_address(text, candidate); !read) return std::unexpected(read.error());
  Related related;
  while (text.find_first_not_of(' ') != std::string_view::npos) {
    if (auto read = read_extension(text, candidate, related); !read) {
      return std::unexpected(read.error());
    }
  }
  if (related.ip) candidate.related = SocketAddress{*related.ip, related.port};
  if ((candidate.transport == Transport::Tcp) != candidate.tcp_type.has_value()) {
    return malformed("tcptype");
  }
  return candidate;
}

std::string Candidate::format() const {
  std::string text{kPrefix};
  text += foundation + " " + std::to_string(component) + " ";
  text += name_of(kTransports, transport);
  text += " " + std::to_string(priority) + " ";
  text += hostname.empty() ? address.ip.str() : hostname;
  text += " " + std::to_string(address.port) + " typ ";
  text += name_of(kTypes, type);
  if (related) text += " raddr " + related->ip.str() + " rport " + std::to_string(related->port);
  if (tcp_type) {
    text += " tcptype ";
    text += name_of(kTcpTypes, *tcp_type);
  }
  if (!ufrag.empty()) text += " ufrag " + ufrag;
  return text;
}

}  // namespace vis::media::ice
