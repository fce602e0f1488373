#include "media_io/media_io.hpp"

#include <algorithm>
#include <utility>

#include "base/limits/media_io.hpp"
#include "base/log.hpp"

namespace vis::media_io {

namespace core_rooms = core::rooms;

Result<std::unique_ptr<MediaIo>> MediaIo::start(const MediaOptions& options, EventSink events) {
  VIS_ASSERT(options.workers > 0);
  auto media = std::make_unique<MediaIo>(events);
  if (auto opened = media->open_relay(options); !opened) {
    return std::unexpected(std::move(opened.error()));
  }
  for (unsigned i = 0; i < options.workers; ++i) {
    const auto port = static_cast<std::uint16_t>(options.port == 0 ? 0 : options.port + i);
    Worker::Options worker{.index = i,
                           .bind = {.ip = options.bind, .port = port},
                           .announce = options.announce,
                           .pin_to_cpu = {},
                           .max_speakers = options.max_speakers,
                           .prefer_openssl = options.prefer_openssl,
                           .tcp_port = {},
                           .relay = nullptr};
    if (media->relay_) {
      worker.tcp_port = media->relay_->tcp_port();
      worker.relay = &media->relay_->rings(i);
    }
    if (options.pin_workers)
      worker.pin_to_cpu = i % std::max(1U, std::thread::hardware_concurrency());
    auto started = Worker::start(std::move(worker), *media->data_, events);
    if (!started) return std::unexpected(std::move(started.error()));
    media->workers_.push_back(*std::move(started));
  }
  if (media->relay_) {
    std::vector<std::vector<SocketAddress>> addresses;
    for (const auto& worker : media->workers_) addresses.push_back(worker->announced());
    media->relay_->start(addresses);
  }
  return media;
}

MediaIo::MediaIo(EventSink events) : data_(std::make_unique<DataLoop>(std::move(events))) {}

MediaIo::~MediaIo() { stop(); }

Result<void> MediaIo::open_relay(const MediaOptions& options) {
  if (!options.tcp_port && !options.turn) return {};
  RelayLoop::Options relay{.bind = options.bind,
                           .tcp_port = options.tcp_port,
                           .turn_port = {},
                           .realm = {},
                           .turn_secret = {},
                           .workers = options.workers};
  if (options.turn) {
    relay.turn_port = options.turn->port;
    relay.realm = options.turn->realm;
    relay.turn_secret = options.turn->secret;
  }
  auto opened = RelayLoop::open(std::move(relay));
  if (!opened) return std::unexpected(std::move(opened.error()));
  relay_ = *std::move(opened);
  return {};
}

void MediaIo::stop() {
  for (const auto& worker : workers_) worker->stop();
  if (relay_) relay_->stop();
  data_->stop();
}

Result<void> MediaIo::open_room(const core_rooms::RoomSid& room) {
  owner_.check();
  if (rooms_.size() >= limits::kRooms) {
    return fail(Errc::LimitExceeded, "this server has as many rooms as it can hold");
  }
  Worker& worker = least_loaded();
  rooms_[room] = {.worker = &worker, .transports = 0};
  post(worker, OpenRoom{room});
  return {};
}

void MediaIo::close_room(const core_rooms::RoomSid& room) {
  owner_.check();
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  post(*found->second.worker, CloseRoom{room});
  rooms_.erase(found);
}

void MediaIo::execute(const core_rooms::RoomSid& room, core_rooms::MediaCommand command) {
  owner_.check();
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  if (auto* data = std::get_if<core_rooms::SendData>(&command)) {
    data_->send(std::move(*data));
    return;
  }
  if (std::holds_alternative<core_rooms::OpenTransport>(command)) ++found->second.transports;
  if (std::holds_alternative<core_rooms::CloseTransport>(command)) --found->second.transports;
  post(*found->second.worker, RoomCommand{.room = room, .command = std::move(command)});
}

Worker& MediaIo::least_loaded() {
  std::vector<std::size_t> load(workers_.size());
  for (const auto& [room, placement] : rooms_) {
    // A room counts even while it is empty, so that rooms opened together spread out.
    load[placement.worker->index()] += placement.transports + 1;
  }
  const auto least = std::ranges::min_element(load);
  return *workers_[static_cast<std::size_t>(least - load.begin())];
}

void MediaIo::post(Worker& worker, WorkerCommand command) {
  if (!worker.post(std::move(command))) {
    log::error("media.worker_overloaded", {{"worker", worker.index()}});
  }
}

}  // namespace vis::media_io
