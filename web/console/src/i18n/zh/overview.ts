import type { overview as en } from "../en/overview";

export const overview: typeof en = {
  overview: {
    title: "总览", needs: "待处理", nothing: "没有需要处理的事项。", nothing_charging_one: "{{count, number}} 辆车正在充电。", nothing_charging_other: "{{count, number}} 辆车正在充电。", nothing_charging_zero: "当前没有车辆充电。", now: "实时", stations: "在线充电桩", of: "共 {{total}} 台", free: "空闲 {{n}} 个", peak: "24 小时最高 {{power}}", charging: "充电中",
    power: "当前功率", energy: "今日电量", sessions: "今日充电次数", week: "{{change}} 较上{{day}}", week_none: "暂无上周同期数据", curve: "最近 24 小时功率", curve_help: "每 15 分钟平均值，{{zone}}", connectors: "充电枪状态", more: "另有 {{n}} 项", offline_connectors: "离线", no_connectors: "充电桩连接并上报后会显示在这里。", no_curve: "有车辆充电后显示曲线。", time: "时间",
    days: "最近 30 天每日电量", day: "{{date}}：{{energy}}，充电 {{sessions}} 次，故障 {{faults}} 次", days_average: "日均 {{energy}}", days_help: "已结束的充电，按当地开始日期统计",
  },
  need: {
    faulted: "{{station}} 故障：{{detail}}", faulted_at: "{{station}} · {{evse}} 号枪故障：{{detail}}", offline: "{{station}} 离线", failed_start: "{{station}}：启动未能开始充电（{{detail}}）", refused: "{{station}}：卡被拒绝但仍在充电（{{detail}}）", review: "{{station}}：{{detail}}", unknown: "未知充电桩 {{station}} 请求接入", since: "已持续 {{time}}", reset: "重启…", look: "查看", adopt: "接入…", review_do: "核查", frames: "报文",
  },
  map: {
    title: "地图", said: "{{n}} 个场站，{{placed}} 个在地图上", zoom_in: "放大", zoom_out: "缩小", whole: "显示全部", empty: "尚无场站填写坐标", empty_help: "可在“设置 → 场站”中填写。", stations_at: "{{name}}：{{count, number}} 台充电桩", label: "场站地图", legend: "圆环颜色含义", nowhere: "未在地图上：缺少坐标", scale: "{{n}} 公里", scale_m: "{{n}} 米",
  },
  inbox: {
    of_no_place: "它们尚未属于任何场站，因此全部显示。",
    title: "待接入", said_zero: "没有未知充电桩。", said_one: "{{count, number}} 台未知充电桩尝试连接。", said_other: "{{count, number}} 台未知充电桩尝试连接。", empty: "没有未知充电桩", empty_help: "使用未登记标识连接的充电桩会显示在这里，可直接接入。", identity: "标识", tries: "次数", last: "最近尝试", first: "首次尝试", from: "来源", says: "自报信息", adopt: "接入", dismiss: "忽略",
    adopt_title: "接入 {{identity}}", adopt_help: "接入后系统会生成密码，请在充电桩上填写。", dismissed: "{{identity}} 已忽略，再次尝试时会重新出现。", list: "未知充电桩", no_password: "无密码（开放）", own_password: "允许无密码接入", open_help: "仅用于他人无法访问服务器的环境。",
  },
};
