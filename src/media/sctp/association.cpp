#include "media/sctp/association.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "base/assert.hpp"
#include "base/limits/media_sctp.hpp"

namespace vis::media::sctp {
namespace {

// Payload protocol identifiers, RFC 8831 section 8.
constexpr std::uint32_t kPpidDcep = 50;
constexpr std::uint32_t kPpidText = 51;
constexpr std::uint32_t kPpidBinary = 53;
constexpr std::uint32_t kPpidEmptyText = 56;
constexpr std::uint32_t kPpidEmptyBinary = 57;

constexpr std::uint16_t kStreams = 128;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

template <typename T>
void set_option(Socket* socket, int level, int name, const T& value) {
  const int failed = usrsctp_setsockopt(socket, level, name, &value, sizeof value);
  VIS_ASSERT(failed == 0);
}

sockaddr_conn address_of(std::uintptr_t handle, std::uint16_t port) {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = htons(port);
  address.sconn_addr = reinterpret_cast<void*>(handle);
  return address;
}

template <typename T>
T read_as(Bytes notification) {
  T value{};
  std::memcpy(&value, notification.data(), std::min(sizeof value, notification.size()));
  return value;
}

void tune(Socket* socket) {
  set_option(socket, SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0});
  set_option(socket, SOL_SOCKET, SO_SNDBUF, static_cast<int>(limits::kSctpSendBuffer));
  set_option(socket, SOL_SOCKET, SO_RCVBUF, static_cast<int>(limits::kSctpReassemblyBytes));
  set_option(socket, IPPROTO_SCTP, SCTP_NODELAY, 1);

  sctp_initmsg init{};
  init.sinit_num_ostreams = kStreams;
  init.sinit_max_instreams = kStreams;
  set_option(socket, IPPROTO_SCTP, SCTP_INITMSG, init);

  // A lost packet of a conversation should not cost a second; RFC 9260's minimum is meant for
  // networks without a smaller round trip. Above the 200 ms by which peers delay their SACKs.
  sctp_rtoinfo times{};
  times.srto_initial = 500;
  times.srto_min = 400;
  times.srto_max = 10'000;
  set_option(socket, IPPROTO_SCTP, SCTP_RTOINFO, times);

  sctp_assoc_value resets{};
  resets.assoc_id = SCTP_ALL_ASSOC;
  resets.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ;
  set_option(socket, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, resets);

  for (const int type : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_PARTIAL_DELIVERY_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_ALL_ASSOC;
    event.se_type = static_cast<std::uint16_t>(type);
    event.se_on = 1;
    set_option(socket, IPPROTO_SCTP, SCTP_EVENT, event);
  }
}

}  // namespace

Association::Association(Stack& stack, const AssociationOptions& options, AssociationSink& sink)
    : stack_(stack), options_(options), sink_(sink), handle_(stack.attach(*this)) {}

Association::~Association() {
  VIS_ASSERT(!settling_);
  stack_.detach(handle_);  // What usrsctp says from here on, its ABORT included, goes nowhere.
  if (socket_ != nullptr) usrsctp_close(socket_);
  usrsctp_deregister_address(reinterpret_cast<void*>(handle_));
}

void Association::connect() {
  stack_.owner_.check();
  VIS_ASSERT(state_ == State::New);
  const auto on_data = [](Socket*, sctp_sockstore, void* data, std::size_t size, sctp_rcvinfo info,
                          int flags, void* handle) -> int {
    const std::unique_ptr<void, Free> owned(data);
    Association* self = Stack::find(reinterpret_cast<Stack::Handle>(handle));
    if (self == nullptr || data == nullptr) return 1;
    const Bytes bytes{static_cast<const std::uint8_t*>(data), size};
    if ((flags & MSG_NOTIFICATION) != 0) {
      self->note_notification(bytes);
    } else {
      self->note_data({.stream = info.rcv_sid,
                       .ppid = ntohl(info.rcv_ppid),
                       .last = (flags & MSG_EOR) != 0,
                       .bytes = {bytes.begin(), bytes.end()}});
    }
    return 1;
  };
  socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, on_data, nullptr, 0,
                           reinterpret_cast<void*>(handle_));
  VIS_ASSERT(socket_ != nullptr);
  usrsctp_set_non_blocking(socket_, 1);
  tune(socket_);

  sockaddr_conn local = address_of(handle_, options_.local_port);
  sockaddr_conn remote = address_of(handle_, options_.remote_port);
  const int bound = usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&local), sizeof local);
  VIS_ASSERT(bound == 0);
  const int connecting =
      usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&remote), sizeof remote);
  VIS_ASSERT(connecting == 0 || errno == EINPROGRESS);

  sctp_paddrparams path{};
  std::memcpy(&path.spp_address, &remote, sizeof remote);
  path.spp_flags = SPP_PMTUD_DISABLE;
  path.spp_pathmtu = kMtu - sizeof(sctp_common_header);  // For AF_CONN it counts chunks alone.
  set_option(socket_, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
  state_ = State::Connecting;
  settle();
}

void Association::receive(Bytes packet) {
  stack_.owner_.check();
  if (socket_ == nullptr || state_ == State::Lost) return;
  usrsctp_conninput(reinterpret_cast<void*>(handle_), packet.data(), packet.size(), 0);
  settle();
}

Result<ChannelId> Association::open_channel(const ChannelOptions& options) {
  stack_.owner_.check();
  if (state_ == State::Lost) return fail(Errc::FailedPrecondition, "the association is lost");
  if (channels_.size() == limits::kDataChannels) {
    return fail(Errc::LimitExceeded, "too many data channels");
  }
  if (options.label.size() > limits::kDataChannelLabelBytes ||
      options.protocol.size() > limits::kDataChannelLabelBytes) {
    return fail(Errc::InvalidArgument, "label or protocol is too long");
  }
  ChannelId id = options_.dtls_role == DtlsRole::Client ? 0 : 1;
  while (channels_.contains(id)) id = static_cast<ChannelId>(id + 2);
  VIS_ASSERT(id < kStreams);
  DcepOpen open;
  open.ordered = options.ordered;
  open.label = options.label;
  open.protocol = options.protocol;
  if (options.max_retransmits) {
    open.reliability = Reliability::Retransmits;
    open.reliability_value = *options.max_retransmits;
  }
  ChannelState& state = channels_[id];
  state.channel = {.id = id,
                   .label = options.label,
                   .protocol = options.protocol,
                   .ordered = options.ordered,
                   .max_retransmits = options.max_retransmits,
                   .max_lifetime_ms = {}};
  queue_dcep(id, std::move(open));
  settle();
  return id;
}

void Association::close_channel(ChannelId channel) {
  stack_.owner_.check();
  const auto found = channels_.find(channel);
  if (found == channels_.end() || found->second.closing != Closing::No) return;
  found->second.closing = Closing::Wanted;
  settle();
}

Result<void> Association::send(ChannelId channel, MessageKind kind, Bytes message) {
  stack_.owner_.check();
  const auto found = channels_.find(channel);
  if (found == channels_.end() || found->second.closing != Closing::No) {
    return fail(Errc::NotFound, "no such data channel");
  }
  if (message.size() > limits::kSctpMessageBytes ||
      (options_.remote_max_message_size != 0 &&
       message.size() > options_.remote_max_message_size)) {
    return fail(Errc::InvalidArgument, "message is too large");
  }
  if (queued_bytes_ + message.size() > limits::kSctpQueueBytes) {
    return fail(Errc::LimitExceeded, "send queue is full");
  }
  const bool text = kind == MessageKind::Text;
  Outgoing outgoing{.channel = channel,
                    .ppid = text ? kPpidText : kPpidBinary,
                    .bytes = {message.begin(), message.end()}};
  if (message.empty()) {  // SCTP has no empty messages: RFC 8831 section 6.6.
    outgoing.ppid = text ? kPpidEmptyText : kPpidEmptyBinary;
    outgoing.bytes = {0};
  }
  queued_bytes_ += outgoing.bytes.size();
  queue_.push_back(std::move(outgoing));
  flush();
  const bool taken = queue_.empty() || found->second.channel.reliable();
  if (!taken) {
    queued_bytes_ -= queue_.back().bytes.size();
    queue_.pop_back();
  }
  settle();
  if (!taken) return fail(Errc::LimitExceeded, "the association is congested");
  return {};
}

std::size_t Association::buffered_amount(ChannelId channel) const {
  std::size_t bytes = 0;
  for (const Outgoing& each : queue_) bytes += each.channel == channel ? each.bytes.size() : 0;
  return bytes;
}

void Association::queue_dcep(ChannelId stream, const DcepMessage& message) {
  std::array<std::uint8_t, 12 + 2 * limits::kDataChannelLabelBytes> buffer{};
  ByteWriter writer{buffer};
  std::visit([&](const auto& each) { each.write(writer); }, message);
  VIS_ASSERT(writer.ok());
  const Bytes written = writer.written();
  queued_bytes_ += written.size();
  queue_.push_back(
      {.channel = stream, .ppid = kPpidDcep, .bytes = {written.begin(), written.end()}});
}

void Association::note_notification(Bytes notification) {
  const auto header = read_as<sctp_notification::sctp_tlv>(notification);
  if (header.sn_type == SCTP_ASSOC_CHANGE) {
    switch (read_as<sctp_assoc_change>(notification).sac_state) {
      case SCTP_COMM_UP: notes_.push_back(Up{}); break;
      case SCTP_RESTART: notes_.push_back(Down{}); break;
      case SCTP_COMM_LOST:
      case SCTP_SHUTDOWN_COMP:
      case SCTP_CANT_STR_ASSOC: notes_.push_back(Down{}); break;
      default: break;
    }
  } else if (header.sn_type == SCTP_PARTIAL_DELIVERY_EVENT) {
    const auto event = read_as<sctp_pdapi_event>(notification);
    notes_.push_back(Abandoned{.stream = static_cast<ChannelId>(event.pdapi_stream)});
  } else if (header.sn_type == SCTP_STREAM_RESET_EVENT) {
    Reset reset{.incoming = (header.sn_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0,
                .outgoing = (header.sn_flags & SCTP_STREAM_RESET_OUTGOING_SSN) != 0,
                .streams = {}};
    const std::size_t size = std::min<std::size_t>(header.sn_length, notification.size());
    for (std::size_t at = sizeof(sctp_stream_reset_event); at + 2 <= size; at += 2) {
      ChannelId stream = 0;
      std::memcpy(&stream, notification.data() + at, sizeof stream);
      reset.streams.push_back(stream);
    }
    notes_.push_back(std::move(reset));
  }
}

void Association::settle() {
  if (settling_) return;  // The outer call goes on where the sink returns.
  settling_ = true;
  for (;;) {
    work();
    if (packets_.empty() && events_.empty()) break;
    for (const ByteVector& packet : std::exchange(packets_, {})) sink_.on_packet(packet);
    for (const Event& event : std::exchange(events_, {})) deliver(event);
  }
  settling_ = false;
}

void Association::work() {
  while (!notes_.empty() && state_ != State::Lost) {
    Note note = std::move(notes_.front());
    notes_.pop_front();
    std::visit([&](auto& each) { take(each); }, note);
  }
  if (state_ != State::Connected) return;
  flush();
  request_resets();
}

void Association::deliver(const Event& event) {
  struct Visitor {
    AssociationSink& sink;
    void operator()(const Up&) const { sink.on_connected(); }
    void operator()(const Down&) const { sink.on_lost(); }
    void operator()(const Channel& channel) const { sink.on_channel_open(channel); }
    void operator()(const Closed& closed) const { sink.on_channel_closed(closed.channel); }
    void operator()(const Message& message) const {
      sink.on_message(message.channel, message.kind, message.bytes);
    }
  };
  std::visit(Visitor{sink_}, event);
}

void Association::take(Up&) {
  state_ = State::Connected;
  events_.emplace_back(Up{});
}

void Association::take(Down&) {
  state_ = State::Lost;
  queue_.clear();
  queued_bytes_ = 0;
  channels_.clear();
  events_.emplace_back(Down{});
}

void Association::take(Abandoned& abandoned) { assembler_.drop(abandoned.stream); }

void Association::take(Piece& piece) {
  auto message = assembler_.add(piece.stream, piece.bytes, piece.last);
  if (!message) return refuse(piece.stream);
  if (!*message) return;
  if (piece.ppid == kPpidDcep) return take_dcep(piece.stream, **message);

  const auto found = channels_.find(piece.stream);
  if (found == channels_.end() || found->second.closing != Closing::No) return;
  acknowledge(found->second);  // Data says as much as the acknowledgement that it overtook.
  Message event{.channel = piece.stream, .kind = MessageKind::Binary, .bytes = {}};
  switch (piece.ppid) {
    case kPpidText: event.kind = MessageKind::Text; [[fallthrough]];
    case kPpidBinary: event.bytes = std::move(**message); break;
    case kPpidEmptyText: event.kind = MessageKind::Text; break;
    case kPpidEmptyBinary: break;
    default: return;
  }
  events_.emplace_back(std::move(event));
}

void Association::take_dcep(ChannelId stream, Bytes message) {
  const auto dcep = parse_dcep(message);
  if (!dcep) return refuse(stream);
  if (const DcepOpen* open = std::get_if<DcepOpen>(&*dcep)) return take_open(stream, *open);
  const auto found = channels_.find(stream);
  if (found != channels_.end()) acknowledge(found->second);
}

void Association::take_open(ChannelId stream, const DcepOpen& open) {
  if (const auto found = channels_.find(stream); found != channels_.end()) {
    // The peer opens a stream anew once it has seen both resets; of that we may not know yet.
    const ChannelState& old = found->second;
    if (!old.peer_closed || old.closing != Closing::Requested) return refuse(stream);
    channels_.erase(found);
    events_.emplace_back(Closed{.channel = stream});
  }
  if (channels_.size() == limits::kDataChannels) return refuse(stream);
  ChannelState& state = channels_[stream];
  state.acknowledged = true;
  state.channel = {.id = stream,
                   .label = open.label,
                   .protocol = open.protocol,
                   .ordered = open.ordered,
                   .max_retransmits = {},
                   .max_lifetime_ms = {}};
  if (open.reliability == Reliability::Retransmits) {
    state.channel.max_retransmits = open.reliability_value;
  } else if (open.reliability == Reliability::Lifetime) {
    state.channel.max_lifetime_ms = open.reliability_value;
  }
  queue_dcep(stream, DcepAck{});
  events_.emplace_back(state.channel);
}

void Association::acknowledge(ChannelState& state) {
  if (state.acknowledged) return;
  state.acknowledged = true;
  events_.emplace_back(state.channel);
}

/// The peer broke the rules on this stream: its channel, if it has one, is closed.
void Association::refuse(ChannelId stream) {
  assembler_.drop(stream);
  const auto found = channels_.find(stream);
  if (found == channels_.end()) {
    refused_.insert(stream);
  } else if (found->second.closing == Closing::No) {
    found->second.closing = Closing::Wanted;
  }
}

void Association::take(Reset& reset) {
  for (const ChannelId stream : reset.streams) {
    // Denied or done, it will not be asked for again.
    if (reset.outgoing) resetting_.erase(stream);
    if (reset.incoming) {
      assembler_.drop(stream);
      if (const auto found = channels_.find(stream); found != channels_.end()) {
        found->second.peer_closed = true;
        if (found->second.closing == Closing::No) found->second.closing = Closing::Wanted;
      }
    }
    close_if_done(stream);
  }
}

void Association::close_if_done(ChannelId stream) {
  const auto found = channels_.find(stream);
  if (found == channels_.end() || !found->second.peer_closed) return;
  if (found->second.closing != Closing::Requested || resetting_.contains(stream)) return;
  channels_.erase(found);
  events_.emplace_back(Closed{.channel = stream});
}

void Association::flush() {
  while (state_ == State::Connected && !queue_.empty() && hand_over(queue_.front())) {
    queued_bytes_ -= queue_.front().bytes.size();
    queue_.pop_front();
  }
}

/// False when SCTP cannot take it now.
bool Association::hand_over(const Outgoing& message) {
  if (resetting_.contains(message.channel)) return false;
  sctp_sendv_spa options{};
  options.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  options.sendv_sndinfo.snd_sid = message.channel;
  options.sendv_sndinfo.snd_ppid = htonl(message.ppid);
  const auto found = channels_.find(message.channel);
  if (found != channels_.end() && message.ppid != kPpidDcep) {
    const ChannelState& state = found->second;
    if (!state.channel.ordered && state.acknowledged) {
      options.sendv_sndinfo.snd_flags |= SCTP_UNORDERED;
    }
    if (!state.channel.reliable()) {
      const bool counted = state.channel.max_retransmits.has_value();
      options.sendv_flags |= SCTP_SEND_PRINFO_VALID;
      options.sendv_prinfo.pr_policy = counted ? SCTP_PR_SCTP_RTX : SCTP_PR_SCTP_TTL;
      options.sendv_prinfo.pr_value =
          counted ? *state.channel.max_retransmits : *state.channel.max_lifetime_ms;
    }
  }
  const ssize_t sent = usrsctp_sendv(socket_, message.bytes.data(), message.bytes.size(), nullptr,
                                     0, &options, sizeof options, SCTP_SENDV_SPA, 0);
  if (sent >= 0) return true;
  // Anything else than lack of room (a stream number that the peer did not grant) will not pass.
  return errno != EWOULDBLOCK && errno != ENOBUFS && errno != ENOMEM;
}

void Association::request_resets() {
  const auto wanted = [&](const auto& entry) {
    const auto& [id, state] = entry;
    return state.closing == Closing::Wanted && buffered_amount(id) == 0;
  };
  for (auto& entry : channels_) {
    if (wanted(entry) && request_reset(entry.first)) entry.second.closing = Closing::Requested;
  }
  std::erase_if(refused_, [&](ChannelId stream) { return request_reset(stream); });
}

/// False while another reset is under way; it is tried again when that one's answer comes.
bool Association::request_reset(ChannelId stream) {
  alignas(sctp_reset_streams) std::array<std::uint8_t, sizeof(sctp_reset_streams) + 2> option{};
  sctp_reset_streams header{};
  header.srs_assoc_id = SCTP_ALL_ASSOC;
  header.srs_flags = SCTP_STREAM_RESET_OUTGOING;
  header.srs_number_streams = 1;
  std::memcpy(option.data(), &header, sizeof header);
  std::memcpy(option.data() + sizeof header, &stream, sizeof stream);
  if (usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, option.data(), option.size()) !=
      0) {
    return false;
  }
  resetting_.insert(stream);
  return true;
}

}  // namespace vis::media::sctp
