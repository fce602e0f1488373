#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "media/dtls/output.hpp"

namespace vis::media::dtls {

/// The last flight of handshake messages, ready to be sent again (RFC 6347 section 4.2.4).
///
/// OpenSSL measures its retransmission timer with the real clock, which an engine must not know.
/// And sending the same bytes again is not enough: a peer drops a record number that it has seen,
/// so a client's repeated Finished would never bring back a lost answer. Therefore OpenSSL is let
/// to retransmit at once, several times over, with its timer set to expire at once; the copies,
/// each under record numbers of its own, wait here until our own deadlines send or drop them.
class Flight final {
 public:
  /// Of about 700 bytes each. OpenSSL gives up beyond 12.
  static constexpr int kCopies = 9;
  static constexpr Duration kFirstInterval = 100ms;
  static constexpr Duration kLongestInterval = 3200ms;

  /// A new flight went out at `now`.
  void replace(TimePoint now, PacketList copies);
  /// The peer has answered: the flight need not be sent again.
  void clear();
  std::optional<TimePoint> due() const;
  /// The next copy, once it is due.
  Bytes take(TimePoint now);

 private:
  PacketList copies_;
  std::size_t next_ = 0;
  TimePoint due_;
  Duration interval_{};
};

}  // namespace vis::media::dtls
