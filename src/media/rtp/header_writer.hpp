#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/limits/media_rtp.hpp"
#include "media/rtp/extensions.hpp"
#include "media/rtp/packet.hpp"

namespace vis::media::rtp {

/// The part of an outgoing header that differs from subscriber to subscriber.
struct OutgoingHeader {
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::uint16_t transport_sequence = 0;  ///< Written when the map has TransportWideCc.
  std::uint32_t abs_send_time = 0;       ///< Written when the map has AbsSendTime.
  std::string_view mid{};                ///< Empty: no MID element. At most 16 characters.
  /// Added to the frame number of a dependency descriptor that the packet has.
  std::uint16_t frame_number_offset = 0;
};

/// A header extension value that the server itself puts on a packet.
struct ExtensionValue {
  HeaderExtension kind = HeaderExtension::PlayoutDelay;
  Bytes data{};
};

/// The part of an outgoing header that all subscribers with one ExtensionMap share: prepared once
/// per packet, then stamped into each subscriber's slot with one copy of fixed size and a few
/// stores (`write_header`). Lives on the worker's stack or in its scratch memory; owns only its
/// bytes. Elements that do not fit the form the map allows or the template's room are left out.
class HeaderTemplate final {
 public:
  /// No extension elements but those that the map asks for on every packet.
  explicit HeaderTemplate(const ExtensionMap& map) { build(map, {}); }

  /// For a packet that is forwarded: takes over from `source` the elements that travel from end to
  /// end (audio level, orientation, playout delay, dependency descriptor, capture time), under the
  /// ids of `to`. An `own` value replaces the source's of the same kind.
  HeaderTemplate(const Header& source, const ExtensionMap& from, const ExtensionMap& to,
                 std::span<const ExtensionValue> own = {});

  /// Bytes of the header that `write_header` makes when no MID is asked for.
  std::size_t size() const { return size_; }

 private:
  friend std::size_t write_header(const HeaderTemplate& shared, const OutgoingHeader& own,
                                  MutableBytes out);

  void build(const ExtensionMap& map, std::span<const ExtensionValue> values);
  void append(std::uint8_t id, Bytes data);
  std::size_t append_mid(std::string_view mid, std::uint8_t* out) const;

  alignas(64) std::array<std::uint8_t, limits::kOutgoingHeaderBytes> bytes_{};
  std::uint16_t size_ = 0;                ///< With the padding of the extension block.
  std::uint16_t end_of_elements_ = 0;     ///< Where a MID element goes.
  std::uint16_t transport_sequence_ = 0;  ///< Where its value goes; 0: nowhere.
  std::uint16_t abs_send_time_ = 0;       ///< Where its value goes; 0: nowhere.
  std::uint16_t frame_number_ = 0;        ///< Where that of the dependency descriptor is.
  std::uint8_t mid_id_ = 0;
  bool two_byte_ = false;
};

/// Writes a complete header to the front of `out` and returns its size, a multiple of four.
/// `out` must have room for limits::kOutgoingHeaderBytes, and up to that many of its bytes may be
/// overwritten: write the payload afterwards.
std::size_t write_header(const HeaderTemplate& shared, const OutgoingHeader& own, MutableBytes out);

}  // namespace vis::media::rtp
