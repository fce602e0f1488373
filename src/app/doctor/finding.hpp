#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vis::app::doctor {

enum class Verdict : std::uint8_t {
  Fine,
  Warning,  ///< It works, but not for everybody or not as well as it could.
  Problem,  ///< It does not work.
};

/// What one check found, for the person who runs the server.
struct Finding {
  Verdict verdict = Verdict::Fine;
  std::string subject;  ///< A word or two, such as `media port`.
  std::string what;
  std::string advice;  ///< What to do. Empty when it is fine.
};

using Findings = std::vector<Finding>;

/// One line for each, with what to do below it.
std::string as_text(std::span<const Finding> findings);
/// `{"ok": true, "findings": [{"verdict": "fine", "subject": ..., "what": ..., "advice": ...}]}`
std::string as_json(std::span<const Finding> findings);
bool has_problems(std::span<const Finding> findings);

}  // namespace vis::app::doctor
