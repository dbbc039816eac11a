using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Elysium.Backend.Database;

/// <summary>Times as UTC ticks: SQLite can neither order nor compare a <see cref="DateTimeOffset"/>.</summary>
internal sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
