#include "support/rtc/inline_data.hpp"

#include "support/sctp_clock.hpp"

namespace vis::test {

namespace sctp = media::sctp;
namespace sfu = media::sfu;

void DataEnd::open_channels() {
  const auto reliable = association_.open_channel({.label = "_reliable"});
  const auto lossy =
      association_.open_channel({.label = "_lossy", .ordered = false, .max_retransmits = 0});
  VIS_ASSERT(reliable.has_value() && lossy.has_value());
}

bool DataEnd::send(std::string_view label, std::string_view text) {
  const auto id = ids_.find(label);
  return id != ids_.end() &&
         association_.send(id->second, sctp::MessageKind::Binary, as_bytes(text)).has_value();
}

void DataEnd::on_channel_open(const sctp::Channel& channel) {
  ids_[channel.label] = channel.id;
  labels_[channel.id] = channel.label;
}

void DataEnd::on_channel_closed(sctp::ChannelId channel) {
  ids_.erase(labels_[channel]);
  labels_.erase(channel);
}

void DataEnd::on_message(sctp::ChannelId channel, sctp::MessageKind, Bytes message) {
  received.push_back({.label = labels_[channel], .text = std::string(as_text(message))});
  if (on_text) on_text(received.back());
}

InlineData::InlineData() : stack_(Simulation::kStart) { set_sctp_clock(Simulation::kStart); }
InlineData::~InlineData() = default;

DataEnd& InlineData::join(ClientPeer& client) {
  // Clients speak first in DTLS, unless told otherwise; that gives them the even streams.
  Client& joined = clients_.emplace_back(
      client, std::make_unique<DataEnd>(
                  stack_, sctp::AssociationOptions{.dtls_role = sctp::DtlsRole::Client}));
  client.on_data = [end = joined.end.get()](Bytes packet) { end->receive(packet); };
  return *joined.end;
}

DataEnd* InlineData::server_end(sfu::TransportId transport) {
  const auto found = servers_.find(transport);
  return found == servers_.end() ? nullptr : found->second.get();
}

void InlineData::open(sfu::TransportId transport, const sfu::DataAssociation& association) {
  const auto role = association.dtls_client ? sctp::DtlsRole::Client : sctp::DtlsRole::Server;
  auto end = std::make_unique<DataEnd>(
      stack_,
      sctp::AssociationOptions{.dtls_role = role,
                               .remote_port = association.remote_port,
                               .remote_max_message_size = association.remote_max_message_size});
  if (association.offers_channels) end->open_channels();
  servers_[transport] = std::move(end);
}

void InlineData::receive(sfu::TransportId transport, Bytes packet) {
  if (DataEnd* const end = server_end(transport)) end->receive(packet);
}

void InlineData::close(sfu::TransportId transport) { servers_.erase(transport); }

void InlineData::on_step(TimePoint now, sfu::Engine& engine) {
  set_sctp_clock(now);
  stack_.on_deadline(now);
  for (const auto& [transport, end] : servers_) {
    for (const ByteVector& packet : end->take_packets()) engine.send_sctp(now, transport, packet);
  }
  for (Client& client : clients_) {
    // Before DTLS is up they are lost, and SCTP sends them again.
    for (const ByteVector& packet : client.end->take_packets()) {
      static_cast<void>(client.peer.send_data(now, packet));
    }
  }
}

}  // namespace vis::test
