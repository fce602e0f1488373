#include "base/ip_prefix.hpp"

#include <charconv>
#include <cstddef>

namespace vis {
namespace {

std::uint8_t full_length(const IpAddress& address) { return address.is_v6() ? 128 : 32; }

}  // namespace

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return IpPrefix{*address, full_length(*address)};
  const std::string_view digits = text.substr(slash + 1);
  const char* const end = digits.data() + digits.size();
  std::uint8_t length = 0;
  const auto [parsed_to, error] = std::from_chars(digits.data(), end, length);
  if (error != std::errc{} || parsed_to != end || length > full_length(*address)) {
    return std::nullopt;
  }
  return IpPrefix{*address, length};
}

bool IpPrefix::contains(const IpAddress& candidate) const {
  if (candidate.is_v6() != address.is_v6()) return false;
  // IPv4 addresses lie in the first four bytes, so both families compare alike.
  const IpAddress::V6Bytes& ours = address.v6_bytes();
  const IpAddress::V6Bytes& theirs = candidate.v6_bytes();
  const std::size_t whole_bytes = length / 8U;
  for (std::size_t i = 0; i < whole_bytes; ++i) {
    if (ours[i] != theirs[i]) return false;
  }
  const unsigned rest = length % 8U;
  if (rest == 0) return true;
  const unsigned difference = ours[whole_bytes] ^ static_cast<unsigned>(theirs[whole_bytes]);
  return difference >> (8U - rest) == 0;
}

std::string IpPrefix::str() const { return address.str() + "/" + std::to_string(length); }

}  // namespace vis
