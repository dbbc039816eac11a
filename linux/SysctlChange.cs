using System.Text.Json.Serialization;

namespace Elysium.Linux;

/// <summary>A kernel parameter that was given another value, and what it had.</summary>
/// <param name="Name">Its name, such as <c>net/ipv4/ip_forward</c>.</param>
/// <param name="Before">What it had before the first change.</param>
/// <param name="Now">What it was given last.</param>
/// <param name="Boot">Since which start of the machine (<c>kernel/random/boot_id</c>).</param>
/// <param name="Network">In which network namespace, such as <c>net:[4026531840]</c>.</param>
public sealed record SysctlChange(string Name, string Before, string Now, string Boot, string Network);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<SysctlChange>))]
internal sealed partial class SysctlJson : JsonSerializerContext;
