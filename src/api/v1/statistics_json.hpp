#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <vector>

#include "api/v1/worker_load.hpp"
#include "core/rooms/measurements.hpp"

/// How measurements are written: numbers in the unit that their name says, loss from 0 to 1, and
/// null for what is not known. A series is an object of columns of equal length, `at` in Unix
/// seconds first.
namespace vis::api::v1 {

enum class WithSeries : std::uint8_t { No, Yes };

/// One line of the list of rooms.
boost::json::object room_summary(const core::rooms::RoomReport& report);
boost::json::object to_json(const core::rooms::RoomReport& report);
boost::json::object to_json(const core::rooms::ParticipantReport& report, WithSeries series);
boost::json::object to_json(const std::vector<WorkerLoad>& loads);

}  // namespace vis::api::v1
