// The style of a chart that is a file of its own: the report's colours, as plain rules, for not every viewer
// knows variables; light or dark after the reader's system.
#pragma once

namespace rc {

inline constexpr const char* kSvgStyle = R"css(<style>
text { font:12px system-ui,"Segoe UI","DejaVu Sans",sans-serif; fill:#5d6878; } .id text { font-weight:600; fill:#1c2430; }
.paper { fill:#ffffff; } .grid { stroke:#e4e8ee; } .axis { stroke:#5d6878; } .zero { stroke:#5d6878; stroke-dasharray:3 4; }
.fill-1 { fill:#2867c8; } .fill-2 { fill:#d9592b; } .fill-3 { fill:#1b8f6a; } .fill-4 { fill:#8a4fbf; } .fill-5 { fill:#b8860b; }
.fill-6 { fill:#c23b78; } .stroke-1 { stroke:#2867c8; } .stroke-2 { stroke:#d9592b; } .stroke-3 { stroke:#1b8f6a; }
.stroke-4 { stroke:#8a4fbf; } .stroke-5 { stroke:#b8860b; } .stroke-6 { stroke:#c23b78; }
.line { fill:none; stroke-width:2; stroke-linejoin:round; } .seed { opacity:.55; }
.whisker { stroke-width:3; stroke-linecap:round; opacity:.45; }
@media (prefers-color-scheme: dark) {
text { fill:#98a3b3; } .id text { fill:#e6eaf0; } .paper { fill:#181d25; } .grid { stroke:#2c3440; } .axis, .zero { stroke:#98a3b3; }
.fill-1 { fill:#6aa2f7; } .fill-2 { fill:#ff8a5c; } .fill-3 { fill:#4cc79c; } .fill-4 { fill:#bb8cf0; } .fill-5 { fill:#e0b040; }
.fill-6 { fill:#f07bb0; } .stroke-1 { stroke:#6aa2f7; } .stroke-2 { stroke:#ff8a5c; } .stroke-3 { stroke:#4cc79c; }
.stroke-4 { stroke:#bb8cf0; } .stroke-5 { stroke:#e0b040; } .stroke-6 { stroke:#f07bb0; }
}
</style>
)css";

}  // namespace rc
