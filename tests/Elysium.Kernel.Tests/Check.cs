using System.Runtime.CompilerServices;

namespace Elysium.Kernel.Tests;

/// <summary>One test: what it shows, and how. Its name is that of its method.</summary>
internal sealed record Check(Action Run, [CallerArgumentExpression(nameof(Run))] string Name = "");
