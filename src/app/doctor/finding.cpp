#include "app/doctor/finding.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>
#include <utility>

namespace vis::app::doctor {
namespace {

namespace json = boost::json;

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Fine: return "fine";
    case Verdict::Warning: return "warning";
    case Verdict::Problem: return "problem";
  }
  std::unreachable();
}

std::string_view label_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Fine: return "  ok      ";
    case Verdict::Warning: return "  WARNING ";
    case Verdict::Problem: return "  PROBLEM ";
  }
  std::unreachable();
}

}  // namespace

bool has_problems(std::span<const Finding> findings) {
  return std::ranges::find(findings, Verdict::Problem, &Finding::verdict) != findings.end();
}

std::string as_text(std::span<const Finding> findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += label_of(finding.verdict);
    text += finding.subject + ": " + finding.what + "\n";
    if (!finding.advice.empty()) text += "          -> " + finding.advice + "\n";
  }
  const auto count = [&](Verdict verdict) {
    return std::to_string(std::ranges::count(findings, verdict, &Finding::verdict));
  };
  return text + count(Verdict::Problem) + " problems, " + count(Verdict::Warning) + " warnings\n";
}

std::string as_json(std::span<const Finding> findings) {
  json::array list;
  for (const Finding& finding : findings) {
    list.push_back(json::object{{"verdict", name_of(finding.verdict)},
                                {"subject", finding.subject},
                                {"what", finding.what},
                                {"advice", finding.advice}});
  }
  return json::serialize(
             json::object{{"ok", !has_problems(findings)}, {"findings", std::move(list)}}) +
         "\n";
}

}  // namespace vis::app::doctor
