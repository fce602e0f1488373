#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace vis {

/// An IPv4 or IPv6 address. A plain value: no sockets, no resolver. IPv4-mapped IPv6 addresses
/// (::ffff:a.b.c.d) are held as IPv4.
class IpAddress final {
 public:
  using V4Bytes = std::array<std::uint8_t, 4>;
  using V6Bytes = std::array<std::uint8_t, 16>;

  IpAddress() = default;  ///< 0.0.0.0
  static IpAddress v4(V4Bytes bytes);
  static IpAddress v6(const V6Bytes& bytes);
  /// Dotted quads and RFC 4291 text forms; no brackets, no zone, no names.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v6() const { return is_v6_; }
  bool is_loopback() const;
  bool is_unspecified() const;
  V4Bytes v4_bytes() const;                           ///< Only for an IPv4 address.
  const V6Bytes& v6_bytes() const { return bytes_; }  ///< Only for an IPv6 address.
  std::string str() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  V6Bytes bytes_{};  ///< IPv4 in the first four bytes, the rest zero.
  bool is_v6_ = false;
};

/// An address and a UDP or TCP port.
struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  /// `192.0.2.1:7882` or `[2001:db8::1]:7882`.
  static std::optional<SocketAddress> parse(std::string_view text);
  std::string str() const;

  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

}  // namespace vis

template <>
struct std::hash<vis::SocketAddress> {
  std::size_t operator()(const vis::SocketAddress& address) const noexcept {
    std::uint64_t mixed = 0xCBF29CE484222325U ^ address.port;
    for (const std::uint8_t byte : address.ip.v6_bytes()) {
      mixed = (mixed ^ byte) * 0x100000001B3U;
    }
    return mixed ^ (mixed >> 29);
  }
};

template <>
struct std::hash<vis::IpAddress> {
  std::size_t operator()(const vis::IpAddress& address) const noexcept {
    return std::hash<vis::SocketAddress>{}({.ip = address, .port = 0});
  }
};
