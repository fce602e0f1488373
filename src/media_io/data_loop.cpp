#include "media_io/data_loop.hpp"

#include <poll.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/limits/media_io.hpp"
#include "base/log.hpp"
#include "media/sctp/association.hpp"
#include "media_io/worker.hpp"

namespace vis::media_io {
namespace {

namespace core_rooms = core::rooms;
namespace sctp = media::sctp;

/// The channels of the room protocol; whoever offers opens them.
constexpr std::string_view kReliableLabel = "_reliable";
constexpr std::string_view kLossyLabel = "_lossy";

core_rooms::DataChannel kind_of(std::string_view label) {
  if (label == kReliableLabel) return core_rooms::DataChannel::Reliable;
  if (label == kLossyLabel) return core_rooms::DataChannel::Lossy;
  return core_rooms::DataChannel::Other;
}

}  // namespace

/// The association of one transport and the channels that the room protocol knows.
class DataLoop::Channels final : public sctp::AssociationSink {
 public:
  Channels(Open open, sctp::Stack& stack, std::vector<RoomEvent>& events)
      : open_(std::move(open)),
        events_(events),
        association_(stack,
                     {.dtls_role = open_.association.dtls_client ? sctp::DtlsRole::Client
                                                                 : sctp::DtlsRole::Server,
                      .local_port = 5000,
                      .remote_port = open_.association.remote_port,
                      .remote_max_message_size = open_.association.remote_max_message_size},
                     *this) {
    association_.connect();
    if (!open_.association.offers_channels) return;
    open_channel({.label = std::string(kReliableLabel)});
    open_channel({.label = std::string(kLossyLabel), .ordered = false, .max_retransmits = 0});
  }

  void receive(Bytes packet) { association_.receive(packet); }

  void send(core_rooms::DataChannel channel, Bytes payload) {
    const auto& id = channel == core_rooms::DataChannel::Lossy ? lossy_ : reliable_;
    if (!id) return;
    // A reader that is too slow for its queue loses messages; the others are not held up by it.
    if (const auto sent = association_.send(*id, sctp::MessageKind::Binary, payload);
        !sent && !overflow_logged_ && channel != core_rooms::DataChannel::Lossy) {
      overflow_logged_ = true;
      log::warning("data.reader_too_slow",
                   {{"transport", std::to_underlying(open_.transport)}, {"reason", sent.error()}});
    }
  }

  void on_packet(Bytes packet) override {
    // A full mailbox loses the packet, and SCTP sends it again.
    static_cast<void>(open_.worker->post(SctpPacket{
        .transport = open_.transport, .packet = ByteVector(packet.begin(), packet.end())}));
  }
  void on_connected() override {}
  void on_channel_open(const sctp::Channel& channel) override {
    switch (kind_of(channel.label)) {
      case core_rooms::DataChannel::Reliable: reliable_ = channel.id; break;
      case core_rooms::DataChannel::Lossy: lossy_ = channel.id; break;
      case core_rooms::DataChannel::Other: break;
    }
    labels_[channel.id] = channel.label;
    if (ready_ || !reliable_ || !lossy_) return;
    ready_ = true;
    events_.push_back(
        {.room = open_.room, .event = core_rooms::DataReady{.transport = open_.transport}});
  }
  void on_channel_closed(sctp::ChannelId channel) override {
    labels_.erase(channel);
    if (reliable_ == channel) reliable_.reset();
    if (lossy_ == channel) lossy_.reset();
  }
  void on_message(sctp::ChannelId channel, sctp::MessageKind, Bytes message) override {
    const std::string& label = labels_[channel];
    events_.push_back(
        {.room = open_.room,
         .event = core_rooms::DataReceived{.transport = open_.transport,
                                           .channel = kind_of(label),
                                           .label = label,
                                           .payload = ByteVector(message.begin(), message.end())}});
  }
  void on_lost() override {
    log::debug("data.association_lost", {{"transport", std::to_underlying(open_.transport)}});
  }

 private:
  void open_channel(const sctp::ChannelOptions& options) {
    if (const auto opened = association_.open_channel(options); !opened) {
      log::warning("data.channel_not_opened", {{"reason", opened.error()}});
    }
  }

  Open open_;
  std::vector<RoomEvent>& events_;
  std::optional<sctp::ChannelId> reliable_;
  std::optional<sctp::ChannelId> lossy_;
  std::unordered_map<sctp::ChannelId, std::string> labels_;
  bool ready_ = false;
  bool overflow_logged_ = false;
  sctp::Association association_;  ///< Last: it calls back while it goes up and down.
};

DataLoop::DataLoop(EventSink events)
    : events_(std::move(events)), mailbox_(limits::kDataMailbox), thread_([this] { run(); }) {}

DataLoop::~DataLoop() { stop(); }

void DataLoop::stop() {
  if (!thread_.joinable()) return;
  while (!mailbox_.post(Stop{})) std::this_thread::yield();
  thread_.join();
}

void DataLoop::open(Open open) { post(std::move(open)); }
void DataLoop::receive(core_rooms::TransportId transport, Bytes packet) {
  post(Packet{.transport = transport, .bytes = ByteVector(packet.begin(), packet.end())});
}
void DataLoop::close(core_rooms::TransportId transport) { post(Close{.transport = transport}); }
void DataLoop::send(core_rooms::SendData message) { post(std::move(message)); }

void DataLoop::post(Task task) {
  if (!mailbox_.post(std::move(task))) log::warning("data.mailbox_full", {});
}

void DataLoop::run() {
  ::pthread_setname_np(::pthread_self(), "data");
  stack_ = std::make_unique<sctp::Stack>(monotonic_now());
  std::vector<Task> tasks;
  while (!stopping_) {
    wait(stack_->next_deadline());
    mailbox_.take(tasks);
    for (Task& task : tasks) std::visit([this](auto& t) { handle(t); }, task);
    stack_->on_deadline(monotonic_now());
    if (!pending_events_.empty()) events_(std::exchange(pending_events_, {}));
  }
  transports_.clear();
  stack_.reset();
}

void DataLoop::wait(std::optional<TimePoint> deadline) {
  pollfd waiting{.fd = mailbox_.descriptor(), .events = POLLIN, .revents = 0};
  timespec timeout{};
  if (deadline) {
    const Duration left = std::max(*deadline - monotonic_now(), Duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timeout.tv_sec = seconds.count();
    timeout.tv_nsec = (left - seconds).count();
  }
  ::ppoll(&waiting, 1, deadline ? &timeout : nullptr, nullptr);
}

void DataLoop::handle(Open& open) {
  Transport& transport = transports_[open.transport];
  transport = {.open = std::move(open), .channels = nullptr};
}

void DataLoop::start(Transport& transport) {
  transport.channels = std::make_unique<Channels>(transport.open, *stack_, pending_events_);
}

void DataLoop::handle(Packet& packet) {
  const auto found = transports_.find(packet.transport);
  if (found == transports_.end()) return;
  if (found->second.channels == nullptr) start(found->second);
  found->second.channels->receive(packet.bytes);
}

void DataLoop::handle(Close& close) { transports_.erase(close.transport); }

void DataLoop::handle(core_rooms::SendData& message) {
  for (const core_rooms::TransportId transport : message.to) {
    const auto found = transports_.find(transport);
    if (found == transports_.end() || found->second.channels == nullptr) continue;
    found->second.channels->send(message.channel, message.payload);
  }
}

}  // namespace vis::media_io
