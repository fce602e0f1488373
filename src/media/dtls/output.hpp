#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace vis::media::dtls {

/// Byte strings one after another. Keeps its memory when cleared.
class PacketList final {
 public:
  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  Bytes operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return Bytes(bytes_).subspan(begin, ends_[index] - begin);
  }

  void add(Bytes packet) {
    bytes_.insert(bytes_.end(), packet.begin(), packet.end());
    ends_.push_back(bytes_.size());
  }
  void clear() {
    bytes_.clear();
    ends_.clear();
  }

 private:
  ByteVector bytes_;
  std::vector<std::size_t> ends_;
};

/// The SRTP protection profiles of RFC 5764 and RFC 7714 that we take, by their numbers there.
enum class SrtpProfile : std::uint16_t { Aes128CmHmacSha1_80 = 0x0001, AeadAes128Gcm = 0x0007 };

constexpr std::size_t salt_bytes(SrtpProfile profile) {
  return profile == SrtpProfile::AeadAes128Gcm ? 12 : 14;
}

/// The master key and salt of one direction.
struct SrtpKey {
  std::array<std::uint8_t, 16> key{};
  std::array<std::uint8_t, 14> salt{};  ///< The first `salt_bytes(profile)`; the rest is zero.
};

/// What a verified handshake yields. Wiped when destroyed.
struct SrtpKeys {
  SrtpProfile profile = SrtpProfile::AeadAes128Gcm;
  SrtpKey write;  ///< For what we send.
  SrtpKey read;   ///< For what the peer sends.

  SrtpKeys() = default;
  SrtpKeys(const SrtpKeys&) = default;
  SrtpKeys& operator=(const SrtpKeys&) = default;
  ~SrtpKeys();
};

enum class FailureReason : std::uint8_t {
  HandshakeTimeout,
  HandshakeFailed,      ///< No cipher or curve in common, or messages that make no sense.
  FingerprintMismatch,  ///< The peer is not the one that signalling announced.
  NoSrtpProfile,        ///< The peer offered none that we take.
  Broken,               ///< A fatal error or alert after the handshake.
};

struct Failure {
  FailureReason reason = FailureReason::HandshakeFailed;
  std::string_view detail;  ///< OpenSSL's words for the log; static text, may be empty.
};

/// What a call to an Endpoint left to be done. The owner passes an empty one in and acts once the
/// call has returned; one object may serve many endpoints in turn.
struct Output {
  PacketList datagrams;            ///< To the peer, each at most 1200 bytes of records.
  PacketList application_data;     ///< From the peer, decrypted: one entry per record.
  std::optional<SrtpKeys> keys;    ///< Set once: the peer is known, media may flow.
  bool connected = false;          ///< Set once: the handshake is done, data may flow.
  std::optional<Failure> failure;  ///< The association is dead.
  bool closed = false;             ///< The peer has closed the association.

  void clear() {
    datagrams.clear();
    application_data.clear();
    keys.reset();
    connected = false;
    failure.reset();
    closed = false;
  }
};

}  // namespace vis::media::dtls
