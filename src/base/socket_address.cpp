#include "base/socket_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "base/assert.hpp"

namespace vis {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

IpAddress IpAddress::v4(V4Bytes bytes) {
  IpAddress address;
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

IpAddress IpAddress::v6(const V6Bytes& bytes) {
  if (std::ranges::equal(kMappedPrefix, std::span(bytes).first<12>())) {
    return v4({bytes[12], bytes[13], bytes[14], bytes[15]});
  }
  IpAddress address;
  address.bytes_ = bytes;
  address.is_v6_ = true;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  if (V4Bytes bytes{}; ::inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return v4(bytes);
  }
  if (V6Bytes bytes{}; ::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) {
    return v6(bytes);
  }
  return std::nullopt;
}

bool IpAddress::is_loopback() const {
  if (!is_v6_) return bytes_[0] == 127;
  V6Bytes loopback{};
  loopback.back() = 1;
  return bytes_ == loopback;
}

bool IpAddress::is_unspecified() const { return bytes_ == V6Bytes{}; }

IpAddress::V4Bytes IpAddress::v4_bytes() const {
  VIS_ASSERT(!is_v6_);
  return {bytes_[0], bytes_[1], bytes_[2], bytes_[3]};
}

std::string IpAddress::str() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(is_v6_ ? AF_INET6 : AF_INET, bytes_.data(), text.data(), text.size());
  return text.data();
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  SocketAddress address;
  const char* const end = port_text.data() + port_text.size();
  const auto [parsed_to, error] = std::from_chars(port_text.data(), end, address.port);
  const auto ip = IpAddress::parse(host);
  if (error != std::errc{} || parsed_to != end || !ip || ip->is_v6() != bracketed) {
    return std::nullopt;
  }
  address.ip = *ip;
  return address;
}

std::string SocketAddress::str() const {
  const std::string host = ip.is_v6() ? "[" + ip.str() + "]" : ip.str();
  return host + ":" + std::to_string(port);
}

}  // namespace vis
