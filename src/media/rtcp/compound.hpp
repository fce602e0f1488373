#pragma once

#include <iterator>
#include <optional>
#include <variant>

#include "base/bytes.hpp"
#include "media/rtcp/full_intra_request.hpp"
#include "media/rtcp/goodbye.hpp"
#include "media/rtcp/nack.hpp"
#include "media/rtcp/packet.hpp"
#include "media/rtcp/picture_loss_indication.hpp"
#include "media/rtcp/receiver_report.hpp"
#include "media/rtcp/remb.hpp"
#include "media/rtcp/sender_report.hpp"
#include "media/rtcp/source_description.hpp"
#include "media/rtcp/transport_feedback.hpp"

namespace vis::media::rtcp {

/// A message read from a compound. A plain Packet is one of a type or format not understood here
/// (APP, XR, other feedback), to be skipped.
using Message =
    std::variant<SenderReport, ReceiverReport, SourceDescription, Goodbye, Nack,
                 PictureLossIndication, FullIntraRequest, Remb, TransportFeedback, Packet>;

/// The packets of one RTCP datagram, for a range-based for loop with std::visit. It is good as a
/// whole or refused as a whole, so nothing of a malformed one is acted upon. Reduced-size packets
/// (RFC 5506) are taken: the first need not be a report. A view that owns nothing and allocates
/// nothing; the bytes must outlive it.
class Compound final {
 public:
  class Iterator final {
   public:
    using value_type = Message;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(Bytes datagram) : reader_(datagram) { advance(); }

    const Message& operator*() const { return *message_; }
    Iterator& operator++() {
      advance();
      return *this;
    }
    void operator++(int) { advance(); }
    bool operator==(std::default_sentinel_t) const { return !message_; }

   private:
    void advance();

    ByteReader reader_{Bytes{}};
    std::optional<Message> message_;
  };

  /// Nothing when the datagram is empty, a length points outside of it, or any message that is
  /// understood is malformed.
  static std::optional<Compound> parse(Bytes datagram);

  Iterator begin() const { return Iterator{datagram_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  explicit Compound(Bytes datagram) : datagram_(datagram) {}

  Bytes datagram_;
};

}  // namespace vis::media::rtcp
