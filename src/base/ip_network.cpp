#include "base/ip_network.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vis {
namespace {

unsigned width_of(const IpAddress& address) { return address.is_v6() ? 128 : 32; }

/// The address as big-endian bytes, IPv4 in the first four.
IpAddress::V6Bytes bytes_of(const IpAddress& address) {
  if (address.is_v6()) return address.v6_bytes();
  IpAddress::V6Bytes bytes{};
  const IpAddress::V4Bytes v4 = address.v4_bytes();
  for (std::size_t i = 0; i < v4.size(); ++i) bytes[i] = v4[i];
  return bytes;
}

/// The bits of byte `index` that belong to a prefix of `prefix_bits`.
std::uint8_t mask_at(std::size_t index, unsigned prefix_bits) {
  const std::size_t first_bit = index * 8;
  if (prefix_bits >= first_bit + 8) return 0xFF;
  if (prefix_bits <= first_bit) return 0;
  return static_cast<std::uint8_t>(0xFF00U >> (prefix_bits - first_bit));
}

}  // namespace

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpNetwork network{*address, width_of(*address)};
  if (slash == std::string_view::npos) return network;

  const std::string_view digits = text.substr(slash + 1);
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, network.prefix_bits);
  if (error != std::errc{} || stop != end || network.prefix_bits > width_of(*address)) {
    return std::nullopt;
  }
  const IpAddress::V6Bytes bytes = bytes_of(*address);
  for (std::size_t i = 0; i < width_of(*address) / 8; ++i) {
    if ((bytes[i] & ~mask_at(i, network.prefix_bits)) != 0) return std::nullopt;
  }
  return network;
}

bool IpNetwork::contains(const IpAddress& candidate) const {
  if (candidate.is_v6() != address.is_v6()) return false;
  const IpAddress::V6Bytes ours = bytes_of(address);
  const IpAddress::V6Bytes theirs = bytes_of(candidate);
  for (std::size_t i = 0; i < width_of(address) / 8; ++i) {
    if (((ours[i] ^ theirs[i]) & mask_at(i, prefix_bits)) != 0) return false;
  }
  return true;
}

std::string IpNetwork::str() const { return address.str() + '/' + std::to_string(prefix_bits); }

}  // namespace vis
