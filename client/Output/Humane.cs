using System.Globalization;

namespace Elysium.Client.Output;

/// <summary>Times, spans and sizes as people read and write them.</summary>
internal static class Humane
{
    /// <summary><c>12 s</c>, <c>3 min</c>, <c>5 h</c>, <c>2 d</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        _ when span < TimeSpan.Zero => "0 s",
        _ when span.TotalMinutes < 2 => Invariant($"{(long)span.TotalSeconds} s"),
        _ when span.TotalHours < 2 => Invariant($"{(long)span.TotalMinutes} min"),
        _ when span.TotalDays < 2 => Invariant($"{(long)span.TotalHours} h"),
        _ => Invariant($"{(long)span.TotalDays} d"),
    };

    public static string Ago(DateTimeOffset? then, DateTimeOffset now) => then is { } t ? $"{Span(now - t)} ago" : "never";

    public static string Until(DateTimeOffset then, DateTimeOffset now) => then > now ? $"in {Span(then - now)}" : $"{Span(now - then)} ago";

    /// <summary><c>512 B</c>, <c>1.4 KiB</c>, …</summary>
    public static string Bytes(long count)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var value = (double)count;
        var unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0 ? Invariant($"{count} B") : Invariant($"{value:0.0} {units[unit]}");
    }

    /// <summary><c>10.77.0.2 and fd12:3456:789a::2</c>, or the one there is.</summary>
    public static string Addresses(string? address, string? address6) => address6 is null ? $"{address}" : $"{address} and {address6}";

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads <c>90s</c>, <c>30m</c>, <c>24h</c>, <c>7d</c>.</summary>
    public static bool TryParseSpan(string text, out TimeSpan span)
    {
        span = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        TimeSpan? parsed = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' when count <= 36_500 => TimeSpan.FromDays(count),
            _ => null,
        };
        span = parsed ?? default;
        return parsed is not null;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
