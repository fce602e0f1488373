#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The attributes that have a grammar of their own. Each is parsed from and written as the text
/// after the colon: `a=fingerprint:` **`sha-256 AB:CD`**.
namespace vis::media::sdp {

enum class Direction : std::uint8_t { SendRecv, SendOnly, RecvOnly, Inactive };
std::string_view to_string(Direction direction);
std::optional<Direction> parse_direction(std::string_view text);
constexpr bool sends(Direction direction) {
  return direction == Direction::SendRecv || direction == Direction::SendOnly;
}
constexpr bool receives(Direction direction) {
  return direction == Direction::SendRecv || direction == Direction::RecvOnly;
}
/// What the other side calls the same direction.
Direction reversed(Direction direction);

/// `a=setup` (RFC 4145 section 4, RFC 8842).
enum class Setup : std::uint8_t { ActPass, Active, Passive, HoldConn };
std::string_view to_string(Setup setup);
std::optional<Setup> parse_setup(std::string_view text);

/// `a=fingerprint` (RFC 8122 section 5).
struct Fingerprint {
  std::string hash;   ///< Lower case: `sha-256`.
  std::string value;  ///< Upper-case hexadecimal bytes with colons between them.

  static std::optional<Fingerprint> parse(std::string_view text);
  std::string to_text() const;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// `a=extmap` (RFC 8285 section 8).
struct Extmap {
  std::uint8_t id = 0;  ///< 1 to 14, or with two-byte headers 16 to 255.
  Direction direction = Direction::SendRecv;
  std::string uri;

  static std::optional<Extmap> parse(std::string_view text);
  std::string to_text() const;
  friend bool operator==(const Extmap&, const Extmap&) = default;
};

/// `a=msid` (RFC 8830). A stream id of `-` means no stream.
struct Msid {
  std::string stream_id;
  std::string track_id;

  static std::optional<Msid> parse(std::string_view text);
  std::string to_text() const;
  friend bool operator==(const Msid&, const Msid&) = default;
};

/// All `a=ssrc` lines of one source (RFC 5576 section 4.1).
struct SsrcDescription {
  std::uint32_t ssrc = 0;
  std::string cname;
  std::optional<Msid> msid;

  friend bool operator==(const SsrcDescription&, const SsrcDescription&) = default;
};

/// `a=ssrc-group` (RFC 5576 section 4.2): `FID` pairs a source with its retransmissions, `SIM`
/// lists simulcast layers, lowest first.
struct SsrcGroup {
  std::string semantics;
  std::vector<std::uint32_t> ssrcs;

  static std::optional<SsrcGroup> parse(std::string_view text);
  std::string to_text() const;
  friend bool operator==(const SsrcGroup&, const SsrcGroup&) = default;
};

/// `a=rid` (RFC 8851).
struct Rid {
  std::string id;
  Direction direction = Direction::SendOnly;  ///< SendOnly or RecvOnly.
  std::string restrictions;

  static std::optional<Rid> parse(std::string_view text);
  std::string to_text() const;
  friend bool operator==(const Rid&, const Rid&) = default;
};

/// One alternative of a simulcast stream; `~` before a rid means that it starts paused.
struct SimulcastRid {
  std::string id;
  bool paused = false;

  friend bool operator==(const SimulcastRid&, const SimulcastRid&) = default;
};
using SimulcastStreams = std::vector<std::vector<SimulcastRid>>;

/// `a=simulcast` (RFC 8853): streams in order, each with its alternatives.
struct Simulcast {
  SimulcastStreams send;
  SimulcastStreams receive;

  static std::optional<Simulcast> parse(std::string_view text);
  std::string to_text() const;
  friend bool operator==(const Simulcast&, const Simulcast&) = default;
};

}  // namespace vis::media::sdp
