#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "media/sctp/dcep.hpp"
#include "media/sctp/message_assembler.hpp"
#include "media/sctp/stack.hpp"

struct socket;  // Of usrsctp.

namespace vis::media::sctp {

/// usrsctp's; the C function of the same name asks for the long way to say it.
using Socket = struct ::socket;

/// A data channel is known by its SCTP stream.
using ChannelId = std::uint16_t;

struct Channel {
  ChannelId id = 0;
  std::string label;
  std::string protocol;
  bool ordered = true;
  std::optional<std::uint32_t> max_retransmits;  ///< Absent, with the next: reliable.
  std::optional<std::uint32_t> max_lifetime_ms;

  bool reliable() const { return !max_retransmits && !max_lifetime_ms; }
};

struct ChannelOptions {
  std::string label{};
  std::string protocol{};
  bool ordered = true;
  std::optional<std::uint32_t> max_retransmits{};
};

enum class MessageKind : std::uint8_t { Text, Binary };

/// What an association tells its owner. Called at the end of a call into the association or the
/// stack, when everything is consistent. It may call `send`, `open_channel` and `close_channel`, of
/// this association too; it must not destroy this association.
class AssociationSink {
 public:
  virtual ~AssociationSink() = default;
  /// An SCTP packet for DTLS, at most kMtu bytes.
  virtual void on_packet(Bytes packet) = 0;
  /// The handshake is done.
  virtual void on_connected() = 0;
  /// The peer opened a channel, or has acknowledged one of ours.
  virtual void on_channel_open(const Channel& channel) = 0;
  virtual void on_channel_closed(ChannelId channel) = 0;
  virtual void on_message(ChannelId channel, MessageKind kind, Bytes message) = 0;
  /// The peer aborted, shut down, or does not answer any more. Nothing more will come.
  virtual void on_lost() = 0;
};

/// Which stream numbers are ours to open: RFC 8832 section 6 gives the DTLS client the even ones.
enum class DtlsRole : std::uint8_t { Client, Server };

struct AssociationOptions {
  DtlsRole dtls_role = DtlsRole::Server;
  std::uint16_t local_port = 5000;
  std::uint16_t remote_port = 5000;
  /// The peer's max-message-size; 0 = no limit. Ours, kSctpMessageBytes, holds in any case.
  std::uint64_t remote_max_message_size = 0;
};

/// The data channels of one transport (RFC 8831): an SCTP association over DTLS. Both sides call
/// `connect` once DTLS is up; SCTP sorts out the collision.
///
/// Owned by its transport; lives on the stack's thread (checked). Limits: kDataChannels,
/// kSctpMessageBytes, kSctpQueueBytes, kSctpReassemblyBytes. A peer that breaks the rules of a
/// channel loses the channel; a broken SCTP packet is dropped by the library.
class Association final {
 public:
  Association(Stack& stack, const AssociationOptions& options, AssociationSink& sink);
  ~Association();
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  /// Our packets' size. With DTLS, UDP and IPv6 around it a packet stays below 1280 bytes.
  static constexpr std::size_t kMtu = 1160;

  void connect();
  /// A packet from DTLS.
  void receive(Bytes packet);

  /// Opens a channel; what is sent before the peer has acknowledged it, or even before the
  /// association is up, follows in order. LimitExceeded at kDataChannels.
  Result<ChannelId> open_channel(const ChannelOptions& options);
  /// Closes a channel after what was sent before. `on_channel_closed` tells when its stream is
  /// free.
  void close_channel(ChannelId channel);

  /// LimitExceeded: the queue is full, nothing was taken; drop the message or hold back its sender.
  /// A channel that is not reliable does not queue at all once SCTP's own buffer is full.
  /// InvalidArgument: larger than either side allows. NotFound: no such channel, or closing.
  Result<void> send(ChannelId channel, MessageKind kind, Bytes message);

  /// Bytes that wait in front of SCTP.
  std::size_t buffered_amount() const { return queued_bytes_; }
  std::size_t buffered_amount(ChannelId channel) const;
  bool connected() const { return state_ == State::Connected; }

 private:
  friend class Stack;

  enum class State : std::uint8_t { New, Connecting, Connected, Lost };
  /// How far we are with the reset of our side of a channel's stream.
  enum class Closing : std::uint8_t { No, Wanted, Requested };

  struct ChannelState {
    Channel channel;
    bool acknowledged = false;  ///< Until then even an unordered channel sends in order.
    Closing closing = Closing::No;
    bool peer_closed = false;
  };
  struct Outgoing {
    ChannelId channel = 0;
    std::uint32_t ppid = 0;
    ByteVector bytes;
  };

  // What usrsctp told us in the middle of its work, to be looked at afterwards.
  struct Up {};
  struct Down {};
  struct Piece {
    ChannelId stream = 0;
    std::uint32_t ppid = 0;
    bool last = true;
    ByteVector bytes;
  };
  struct Abandoned {  ///< The rest of a message will not come.
    ChannelId stream = 0;
  };
  struct Reset {
    bool incoming = false;
    bool outgoing = false;
    std::vector<ChannelId> streams;
  };
  using Note = std::variant<Up, Down, Piece, Abandoned, Reset>;

  // What the sink is to be told.
  struct Message {
    ChannelId channel = 0;
    MessageKind kind = MessageKind::Binary;
    ByteVector bytes;
  };
  struct Closed {
    ChannelId channel = 0;
  };
  using Event = std::variant<Up, Down, Channel, Message, Closed>;

  /// Whether time alone may bring it further; most associations are idle at most times.
  bool has_work() const {
    return !notes_.empty() || !packets_.empty() || !queue_.empty() || !refused_.empty() ||
           std::ranges::any_of(channels_, [](const auto& entry) {
             return entry.second.closing == Closing::Wanted;
           });
  }
  void note_packet(Bytes packet) { packets_.emplace_back(packet.begin(), packet.end()); }
  void note_data(Piece piece) { notes_.emplace_back(std::move(piece)); }
  void note_notification(Bytes notification);

  /// Works off the notes, then speaks to the sink. Every public call ends here.
  void settle();
  void work();
  void deliver(const Event& event);
  void take(Up& up);
  void take(Down& down);
  void take(Piece& piece);
  void take(Abandoned& abandoned);
  void take(Reset& reset);
  void take_dcep(ChannelId stream, Bytes message);
  void take_open(ChannelId stream, const DcepOpen& open);
  void close_if_done(ChannelId stream);
  void acknowledge(ChannelState& state);
  void refuse(ChannelId stream);
  void queue_dcep(ChannelId stream, const DcepMessage& message);
  void flush();
  bool hand_over(const Outgoing& message);
  void request_resets();
  bool request_reset(ChannelId stream);

  Stack& stack_;
  AssociationOptions options_;
  AssociationSink& sink_;
  Stack::Handle handle_ = 0;
  Socket* socket_ = nullptr;
  State state_ = State::New;

  std::map<ChannelId, ChannelState> channels_;
  std::set<ChannelId> refused_;    ///< Streams to reset that did not become channels.
  std::set<ChannelId> resetting_;  ///< Reset by us, not answered yet: nothing can be sent there.
  std::deque<Outgoing> queue_;
  std::size_t queued_bytes_ = 0;
  MessageAssembler assembler_;

  std::vector<ByteVector> packets_;
  std::deque<Note> notes_;
  std::vector<Event> events_;
  bool settling_ = false;
};

}  // namespace vis::media::sctp
