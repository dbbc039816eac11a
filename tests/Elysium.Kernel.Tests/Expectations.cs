using System.Runtime.CompilerServices;

namespace Elysium.Kernel.Tests;

/// <summary>Something is not as a test expects.</summary>
internal sealed class ExpectationException(string message) : Exception(message);

/// <summary>The few of Shouldly's words that are needed here: Shouldly itself reads stack traces, which Native AOT has not.</summary>
internal static class Expectations
{
    public static void ShouldBe<T>(this T actual, T expected, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        Require(EqualityComparer<T>.Default.Equals(actual, expected), $"{what} should be {Show(expected)}, and is {Show(actual)}");

    /// <summary>The same elements, in any order.</summary>
    public static void ShouldHold<T>(this IEnumerable<T> actual, IEnumerable<T> expected, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : notnull
    {
        var (missing, surplus) = (new List<T>(expected), new List<T>());
        foreach (var item in actual)
        {
            if (!missing.Remove(item))
            {
                surplus.Add(item);
            }
        }

        Require(missing.Count + surplus.Count == 0, $"{what} lacks [{Show(missing)}] and should not have [{Show(surplus)}]");
    }

    public static void ShouldBeTrue(this bool actual, string? otherwise = null, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        Require(actual, otherwise ?? $"{what} should be true");

    public static T ShouldNotBeNull<T>(this T? actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : class => actual ?? throw new ExpectationException($"{what} should not be null");

    public static void ShouldBeNull<T>(this T? actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : class => Require(actual is null, $"{what} should be null, and is {Show(actual)}");

    public static void ShouldContain(this string actual, string expected, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        Require(actual.Contains(expected, StringComparison.Ordinal), $"{what} should contain '{expected}', and is '{actual}'");

    public static T ShouldThrow<T>(Action action, [CallerArgumentExpression(nameof(action))] string what = "")
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T exception)
        {
            return exception;
        }

        throw new ExpectationException($"{what} should throw {typeof(T).Name}");
    }

    private static void Require(bool met, string otherwise)
    {
        if (!met)
        {
            throw new ExpectationException(otherwise);
        }
    }

    private static string Show<T>(T value) => value switch
    {
        null => "null",
        string text => text,
        System.Collections.IEnumerable items => string.Join(", ", items.Cast<object>()),
        _ => value.ToString() ?? "",
    };
}
